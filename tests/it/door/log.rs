//! What the functions write to their log, caught as it is written.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// What the handlers log on this thread while the guard lives.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// The log that is captured on this thread, or nowhere.
struct Here;

impl Write for Here {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow(|log| {
            if let Some(log) = log {
                log.0.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ends the capture.
pub(crate) struct Captured;

impl Drop for Captured {
    fn drop(&mut self) {
        LOG.set(None);
    }
}

/// At the functions' own level: a release holds nothing below it.
///
/// One subscriber for all threads, because those of a thread's own come and go under the feet of
/// the others, and then some lines are lost.
pub(crate) fn capture_log() -> (Log, Captured) {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        let captured = dynamic_filter_fn(|about, _| {
            *about.level() <= tracing::Level::INFO && LOG.with_borrow(Option::is_some)
        });
        let lines = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(|| Here)
            .with_filter(captured);
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    let log = Log::default();
    LOG.set(Some(log.clone()));
    (log, Captured)
}
