//! Conditional writes, one at a time or as a transaction, and who stood in their way.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure,
    TransactWriteItem, Update,
};

use super::Store;
use super::item::{Item, StoreError};
use crate::aws::AwsError;

/// How often a transaction that met another one is tried again.
const CONFLICT_TRIES: u32 = 4;

/// One conditional write.
#[derive(Clone, Debug)]
pub(super) enum Write {
    /// A whole item.
    Put { item: Item, condition: &'static str },
    /// Some attributes of an item.
    Update {
        key: Item,
        set: &'static str,
        condition: &'static str,
        values: Item,
        /// Whether the expressions name the attribute `open`, a reserved word.
        names_open: bool,
    },
    /// The same, whatever is there.
    Change {
        key: Item,
        set: &'static str,
        values: Item,
    },
    /// An item's end.
    Delete { key: Item },
    /// No write; only a condition.
    Check {
        key: Item,
        condition: &'static str,
        values: Item,
        names_open: bool,
    },
}

/// What became of a conditional write.
#[derive(Clone, Debug)]
pub(super) enum WriteOutcome {
    /// It is written.
    Done,
    /// The condition did not hold.
    Refused,
}

/// What became of a transaction.
#[derive(Clone, Debug)]
pub(super) enum Transacted {
    /// All of it is written.
    Done,
    /// Nothing is written: for each write, the item that stood in its way (`Some(None)`: an item
    /// that should be there is not).
    Refused(Vec<Option<Option<Item>>>),
}

fn open_name(names_open: bool) -> Option<std::collections::HashMap<String, String>> {
    names_open.then(|| [("#open".to_owned(), "open".to_owned())].into())
}

fn not_empty(values: Item) -> Option<Item> {
    (!values.is_empty()).then_some(values)
}

impl Write {
    fn into_transact(self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let part = TransactWriteItem::builder();
        let malformed = |error: &dyn std::error::Error| {
            StoreError::Aws(AwsError::malformed("dynamodb", "TransactWriteItems", error))
        };
        let part = match self {
            Self::Put { item, condition } => part.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .condition_expression(condition)
                    .return_values_on_condition_check_failure(OnFailure::AllOld)
                    .build()
                    .map_err(|error| malformed(&error))?,
            ),
            Self::Update {
                key,
                set,
                condition,
                values,
                names_open,
            } => part.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(set)
                    .condition_expression(condition)
                    .set_expression_attribute_values(not_empty(values))
                    .set_expression_attribute_names(open_name(names_open))
                    .return_values_on_condition_check_failure(OnFailure::AllOld)
                    .build()
                    .map_err(|error| malformed(&error))?,
            ),
            Self::Change { key, set, values } => part.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(set)
                    .set_expression_attribute_values(not_empty(values))
                    .build()
                    .map_err(|error| malformed(&error))?,
            ),
            Self::Delete { key } => part.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .build()
                    .map_err(|error| malformed(&error))?,
            ),
            Self::Check {
                key,
                condition,
                values,
                names_open,
            } => part.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .condition_expression(condition)
                    .set_expression_attribute_values(not_empty(values))
                    .set_expression_attribute_names(open_name(names_open))
                    .return_values_on_condition_check_failure(OnFailure::AllOld)
                    .build()
                    .map_err(|error| malformed(&error))?,
            ),
        };
        Ok(part.build())
    }
}

impl Store {
    /// One conditional put.
    pub(super) async fn put(
        &self,
        item: Item,
        condition: &'static str,
    ) -> Result<WriteOutcome, StoreError> {
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .send()
            .await;
        match result {
            Ok(_) => Ok(WriteOutcome::Done),
            Err(SdkError::ServiceError(error))
                if error.err().is_conditional_check_failed_exception() =>
            {
                Ok(WriteOutcome::Refused)
            }
            Err(error) => Err(AwsError::from_sdk("dynamodb", "PutItem", error).into()),
        }
    }

    /// One put over whatever is there: for what nothing depends on, and of which the newest is the best.
    pub(super) async fn put_over(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        let result = put.set_item(Some(item)).send().await;
        match result {
            Ok(_) => Ok(()),
            Err(error) => Err(AwsError::from_sdk("dynamodb", "PutItem", error).into()),
        }
    }

    /// One conditional update.
    pub(super) async fn update(
        &self,
        key: Item,
        set: &'static str,
        condition: &'static str,
        values: Item,
    ) -> Result<WriteOutcome, StoreError> {
        let names_open = set.contains("#open") || condition.contains("#open");
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(set)
            .condition_expression(condition)
            .set_expression_attribute_values(not_empty(values))
            .set_expression_attribute_names(open_name(names_open))
            .send()
            .await;
        match result {
            Ok(_) => Ok(WriteOutcome::Done),
            Err(SdkError::ServiceError(error))
                if error.err().is_conditional_check_failed_exception() =>
            {
                Ok(WriteOutcome::Refused)
            }
            Err(error) => Err(AwsError::from_sdk("dynamodb", "UpdateItem", error).into()),
        }
    }

    /// One update, whatever is there.
    pub(super) async fn change(
        &self,
        key: Item,
        set: &'static str,
        values: Item,
    ) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.table);
        let update = update.set_key(Some(key)).update_expression(set);
        let update = update.set_expression_attribute_values(not_empty(values));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(AwsError::from_sdk("dynamodb", "UpdateItem", error).into()),
        }
    }

    /// The end of one item, whether it is there or not.
    pub(super) async fn delete(&self, key: Item) -> Result<(), StoreError> {
        let deleted = self.client.delete_item();
        let deleted = deleted.table_name(&self.table).set_key(Some(key)).send();
        let failed = |error| AwsError::from_sdk("dynamodb", "DeleteItem", error).into();
        deleted.await.map(drop).map_err(failed)
    }

    /// All of these writes or none. `token` makes a repetition of the very same transaction succeed
    /// for ten minutes without writing twice.
    pub(super) async fn transact(
        &self,
        token: Option<&str>,
        writes: Vec<Write>,
    ) -> Result<Transacted, StoreError> {
        let parts = writes
            .into_iter()
            .map(|write| write.into_transact(&self.table))
            .collect::<Result<Vec<_>, _>>()?;
        let mut tries = 0;
        loop {
            tries += 1;
            let result = self
                .client
                .transact_write_items()
                .set_transact_items(Some(parts.clone()))
                .set_client_request_token(token.map(str::to_owned))
                .send()
                .await;
            let error = match result {
                Ok(_) => return Ok(Transacted::Done),
                Err(error) => error,
            };
            if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            {
                let reasons = cancelled.cancellation_reasons();
                let refused: Vec<Option<Option<Item>>> = reasons
                    .iter()
                    .map(|reason| {
                        (reason.code() == Some("ConditionalCheckFailed"))
                            .then(|| reason.item().cloned())
                    })
                    .collect();
                if refused.iter().any(Option::is_some) {
                    return Ok(Transacted::Refused(refused));
                }
                // Another transaction touched one of the items at the same moment.
                if tries < CONFLICT_TRIES {
                    continue;
                }
            }
            return Err(AwsError::from_sdk("dynamodb", "TransactWriteItems", error).into());
        }
    }

    /// One item, read consistently.
    pub(super) async fn get(&self, key: Item) -> Result<Option<Item>, StoreError> {
        self.client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map(|output| output.item)
            .map_err(|error| AwsError::from_sdk("dynamodb", "GetItem", error).into())
    }

    /// What fits into one answer of a partition that others fill, read consistently; the last by their
    /// sort keys first. However much stands there, reading it takes no longer.
    pub(super) async fn page(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
            .scan_index_forward(false)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("dynamodb", "Query", error))?;
        Ok(output.items.unwrap_or_default())
    }

    /// Items of one partition whose sort key begins so, read consistently; the newest first.
    pub(super) async fn newest(
        &self,
        pk: &str,
        sk_prefix: &str,
        limit: Option<i32>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut values = Item::from([(":pk".to_owned(), AttributeValue::S(pk.to_owned()))]);
        // An empty value for a key is refused, also as a prefix.
        let prefix = Some(sk_prefix).filter(|prefix| !prefix.is_empty());
        if let Some(prefix) = prefix {
            values.insert(":sk".to_owned(), AttributeValue::S(prefix.to_owned()));
        }
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(match prefix {
                    Some(_) => "pk = :pk AND begins_with(sk, :sk)",
                    None => "pk = :pk",
                })
                .set_expression_attribute_values(Some(values.clone()))
                .consistent_read(true)
                .scan_index_forward(false)
                .set_limit(limit)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("dynamodb", "Query", error))?;
            items.extend(output.items.unwrap_or_default());
            from = output.last_evaluated_key;
            let enough =
                limit.is_some_and(|limit| items.len() >= usize::try_from(limit).unwrap_or(0));
            if from.is_none() || enough {
                return Ok(items);
            }
        }
    }
}
