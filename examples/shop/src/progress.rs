//! A progress bar, where somebody watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Drawn on standard error, if that is a terminal.
pub(crate) fn bar(purchases: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(purchases as u64), ProgressDrawTarget::stderr());
    let template = "{bar:40} {pos}/{len} purchases  {per_sec}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
