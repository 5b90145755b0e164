//! Pauses: that a rollout waits for a person, and that ECS went on because nobody answered. With a
//! card the buttons are on it and its thread tells; without one each pause is a post of its own.

use std::time::Duration;

use super::{KEPT_FOR_VERDICT, Missed, News, Round, sooner, way};
use crate::aws::dynamodb::StoreError;
use crate::card;
use crate::record::{Deploy, Way};
use crate::slack::blocks::Message;

impl Round<'_> {
    /// Tells of every pause that people do not know of yet.
    pub(super) async fn pauses(&self, deploy: &mut Deploy) -> Result<Option<Duration>, StoreError> {
        let mut again = None;
        for service in 0..deploy.services.len() {
            for at in 0..deploy.services[service].pauses.len() {
                sooner(&mut again, self.pause(deploy, service, at).await?);
            }
        }
        Ok(again)
    }

    async fn pause(
        &self,
        deploy: &mut Deploy,
        service: usize,
        at: usize,
    ) -> Result<Option<Duration>, StoreError> {
        let state = &deploy.services[service];
        let pause = &state.pauses[at];
        if pause.waits() && pause.answer.is_none() && way::is_due(&pause.asked, self.now) {
            let name = state.service.as_str();
            let message = match deploy.told.card {
                Some(_) => card::pause_thread(deploy, name, pause, &self.setting()),
                None => card::paused(deploy, name, pause, &self.setting()),
            };
            let asked = self.go(News::Pause(service, at), deploy, &message).await?;
            deploy.services[service].pauses[at].asked = asked;
        } else if pause.went_on_alone() && way::is_due(&pause.reported, self.now) {
            let message = card::went_on_alone(deploy, &state.service, pause);
            let told = self.go(News::WentOn(service, at), deploy, &message).await?;
            deploy.services[service].pauses[at].reported = told;
        }
        let pause = &deploy.services[service].pauses[at];
        let mut again = None;
        if pause.waits() {
            sooner(&mut again, way::rest(&pause.asked, self.now));
        }
        if pause.went_on_alone() {
            sooner(&mut again, way::rest(&pause.reported, self.now));
        }
        Ok(again)
    }

    /// Tells what people are told once, beside the card.
    pub(super) async fn notices(
        &self,
        deploy: &mut Deploy,
    ) -> Result<Option<Duration>, StoreError> {
        let mut again = None;
        for at in 0..deploy.notices.len() {
            if way::is_due(&deploy.notices[at].told, self.now) {
                let message = card::notice(deploy, &deploy.notices[at]);
                deploy.notices[at].told = self.go(News::Notice(at), deploy, &message).await?;
            }
            sooner(&mut again, way::rest(&deploy.notices[at].told, self.now));
        }
        Ok(again)
    }

    /// To the card's thread, else to an address, else as a post in the channel.
    pub(super) async fn pause_by(
        &self,
        way: Way,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        match way {
            Way::Card => Ok(self.to_thread(deploy, message).await),
            Way::ResponseUrl => self.reply(deploy, message, KEPT_FOR_VERDICT).await,
            Way::Channel => Ok(self.post(deploy, self.place(deploy), message).await),
            Way::Direct | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }
}
