//! A progress bar, where somebody watches.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::money::grouped;

/// Drawn on standard error, if that is a terminal.
pub(crate) fn bar(purchases: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(purchases as u64), ProgressDrawTarget::stderr());
    let template = "{bar:28} {pos}/{len} purchases  {rate}/s  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.with_key("rate", rate));
    }
    bar
}

fn rate(state: &ProgressState, line: &mut dyn Write) {
    // a line that cannot be drawn is drawn again soon
    let _ = line.write_str(&grouped(state.per_sec().round() as u64));
}
