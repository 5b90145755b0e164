//! An installation of Longshore in the town: which table, which secrets, under which roles.

use std::io::Write;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use longshore::aws::Patience;
use longshore::ci::{Ci, PipelineKeys};
use longshore::http::{Dial, Http};
use longshore::slash::{SigningSecrets, Slash};
use longshore::telemetry::Metrics;
use longshore::waiter::{Clients, Waiter};
use longshore_sim::World;
use serde_json::{Value, json};

use super::{CI_KEY, OPERATOR_KEY, SLASH_KEY, Skew, Town, WAITER_KEY, aws};

/// What tells one installation from another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Installation {
    pub(crate) table: &'static str,
    /// What the names of its SSM parameters begin with.
    pub(crate) parameters: &'static str,
    pub(crate) slash_key: &'static str,
    pub(crate) waiter_key: &'static str,
    pub(crate) ci_key: &'static str,
    pub(crate) external_id: &'static str,
}

/// The only one, in most towns.
pub(crate) const USUAL: Installation = Installation {
    table: "longshore",
    parameters: "/longshore",
    slash_key: SLASH_KEY,
    waiter_key: WAITER_KEY,
    ci_key: CI_KEY,
    external_id: "longshore-test",
};

impl Town {
    /// The handlers of an installation, freshly started, on a world that has everything else.
    pub(crate) fn installed(world: World, machine: &str, skew: Skew, of: Installation) -> Self {
        let door = aws(&world, of.slash_key, Patience::DOOR);
        let step = aws(&world, of.waiter_key, Patience::STEP);
        let store = aws(&world, OPERATOR_KEY, Patience::STEP).store(of.table);
        let written = Written::default();
        let metrics = Metrics::new(&format!("Longshore/{}", of.table), written.clone());
        let parameter = |name: &str| format!("{}/{name}", of.parameters);
        let slash = Slash::new(
            door.store(of.table),
            door.machine(machine),
            SigningSecrets::new(
                door.parameters(),
                parameter("signing-secret"),
                Some(parameter("signing-secret-previous")),
            ),
            metrics.clone(),
            world.time_source_off_by(skew.slash),
        );
        let pipelines = aws(&world, of.ci_key, Patience::DOOR);
        let ci = Ci::new(
            pipelines.store(of.table),
            pipelines.machine(machine),
            PipelineKeys::new(pipelines.parameters(), parameter("ci")),
            metrics.clone(),
            world.time_source_off_by(skew.slash),
        );
        let waiter = Waiter::new(Clients {
            store: step.store(of.table),
            machine: step.machine(machine),
            bot_token: parameter("bot-token"),
            github_token: parameter("github-token"),
            http: Http::new(world.http_client(), Dial::Direct),
            metrics,
            clock: world.time_source_off_by(skew.waiter),
            external_id: of.external_id.to_owned(),
            aws: step,
        });
        Self {
            world,
            slash: Arc::new(slash),
            ci: Arc::new(ci),
            waiter: Arc::new(waiter),
            store,
            written,
        }
    }

    /// The values of a metric without dimensions, as the functions of this installation have written them.
    pub(crate) fn metrics(&self, name: &str) -> Vec<(Timestamp, f64)> {
        let written = self.written.0.lock().unwrap();
        let lines = std::str::from_utf8(&written).unwrap().lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        let own = lines.filter(|line| {
            let of = &line["_aws"]["CloudWatchMetrics"][0];
            of["Dimensions"] == json!([[]]) && of["Metrics"][0]["Name"] == name
        });
        own.map(|line| {
            let at = line["_aws"]["Timestamp"].as_i64().unwrap();
            let at = Timestamp::from_millisecond(at).unwrap();
            (at, line[name].as_f64().unwrap())
        })
        .collect()
    }
}

/// What the functions wrote to standard output of their own: metrics, a line each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        print!("{}", String::from_utf8_lossy(bytes));
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
