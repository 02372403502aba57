//! What the library tells while it works, drawn on stderr: bars after half a second, lines, JSON lines, or nothing.
//! Notes (what was detected in a file) are said in every mode: they are no decoration.

use std::{
    io::{self, IsTerminal as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use samkor::base::{Event, Observer};
use serde::Serialize;

use super::{arguments::Show, terminal::to_stderr};

/// What takes less time than this is over before a bar is read.
const PATIENCE: Duration = Duration::from_millis(500);

/// The observer of the command line.
pub struct Progress(Mode);

enum Mode {
    Bars(Arc<Mutex<Bars>>),
    Lines,
    Json,
    Notes,
}

/// The bar of the present stage, if any, and whether it is time to show it.
#[derive(Default)]
struct Bars {
    bar: Option<ProgressBar>,
    shown: bool,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    Stage { name: &'a str, total: Option<u64> },
    Progress { done: u64 },
    StageDone,
    Note { text: &'a str },
}

impl Progress {
    /// The observer for a way of showing. May start a thread that waits until bars are due.
    pub fn new(show: Show) -> Self {
        Self(match (show, io::stderr().is_terminal()) {
            (Show::Json, _) => Mode::Json,
            (Show::Never, _) | (Show::Auto, false) => Mode::Notes,
            (Show::Always, false) => Mode::Lines,
            (Show::Auto, true) => Mode::Bars(Bars::waiting()),
            (Show::Always, true) => Mode::Bars(Arc::new(Mutex::new(Bars { bar: None, shown: true }))),
        })
    }
}

impl Bars {
    fn waiting() -> Arc<Mutex<Self>> {
        let bars = Arc::new(Mutex::new(Self::default()));
        let late = Arc::clone(&bars);
        thread::spawn(move || {
            thread::sleep(PATIENCE);
            let mut bars = lock(&late);
            bars.shown = true;
            if let Some(bar) = &bars.bar {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        });
        bars
    }

    fn begin(&mut self, name: &str, total: Option<u64>) {
        self.end();
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target).with_style(style(total.is_some()));
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bar = Some(bar);
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A bar, or a wheel when nobody knows how much there is.
fn style(measured: bool) -> ProgressStyle {
    let template =
        if measured { "{msg:<32} [{bar:30}] {percent:>3} % {eta:>4}" } else { "{msg:<32} {spinner} {elapsed}" };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// A panic elsewhere does not make the bars unusable.
fn lock(bars: &Mutex<Bars>) -> MutexGuard<'_, Bars> {
    bars.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        match &self.0 {
            Mode::Bars(bars) => draw(&mut lock(bars), &event),
            Mode::Lines => match event {
                Event::Stage { name, .. } => to_stderr(&format!("trin: {name}\n")),
                Event::Note { text } => note(text),
                Event::Progress { .. } | Event::StageDone => {}
            },
            Mode::Notes => {
                if let Event::Note { text } = event {
                    note(text);
                }
            }
            Mode::Json => {
                let line = match event {
                    Event::Stage { name, total } => Line::Stage { name, total },
                    Event::Progress { done } => Line::Progress { done },
                    Event::StageDone => Line::StageDone,
                    Event::Note { text } => Line::Note { text },
                };
                to_stderr(&(serde_json::to_string(&line).unwrap_or_default() + "\n"));
            }
        }
    }
}

fn draw(bars: &mut Bars, event: &Event<'_>) {
    match event {
        Event::Stage { name, total } => bars.begin(name, *total),
        Event::Progress { done } => {
            if let Some(bar) = &bars.bar {
                bar.inc(*done);
            }
        }
        Event::StageDone => bars.end(),
        Event::Note { text } => match &bars.bar {
            Some(bar) => bar.suspend(|| note(text)),
            None => note(text),
        },
    }
}

fn note(text: &str) {
    to_stderr(&format!("bemærk: {text}\n"));
}

/// An error is printed after this: no bar may stand in its way.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Mode::Bars(bars) = &self.0 {
            lock(bars).end();
        }
    }
}
