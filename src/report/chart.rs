//! Bars that can be read without seeing them: a table whose rows hold a small SVG bar and the figure in words.

use maud::{Markup, html};

use crate::domain::Ore;

/// One bar.
pub(super) struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is.
    pub ore: Ore,
    /// The figure as text.
    pub figure: String,
}

/// Scales bars to one common length, negative ones to the left of zero.
pub(super) struct Scale {
    least: i64,
    most: i64,
}

/// Width of the drawing, in its own units.
const WIDTH: i128 = 1_000;

impl Scale {
    pub(super) fn over(amounts: impl Iterator<Item = Ore>) -> Self {
        amounts.fold(Self { least: 0, most: 0 }, |scale, ore| Self {
            least: scale.least.min(ore.0),
            most: scale.most.max(ore.0),
        })
    }

    /// Left edge and width of a bar.
    fn extent(&self, ore: Ore) -> (i128, i128) {
        let span = (i128::from(self.most) - i128::from(self.least)).max(1);
        let at = |ore: i64| (i128::from(ore) - i128::from(self.least)) * WIDTH / span;
        let (zero, end) = (at(0), at(ore.0));
        (zero.min(end), (zero - end).abs())
    }

    /// The bar as a drawing with its text.
    pub(super) fn bar(&self, ore: Ore, text: &str) -> Markup {
        let (left, width) = self.extent(ore);
        let class = if ore < Ore::ZERO { "below" } else { "above" };
        html! {
            svg class="bar" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label=(text) {
                title { (text) }
                rect class="track" x="0" y="9" width="1000" height="2" {}
                rect class=(class) x=(left) y="2" width=(width) height="16" {}
            }
        }
    }
}

/// A chart with one row to a bar.
pub(super) fn chart(caption: &str, of: &str, unit: &str, bars: &[Bar]) -> Markup {
    let scale = Scale::over(bars.iter().map(|bar| bar.ore));
    html! {
        table.chart {
            caption { (caption) }
            thead { tr { th scope="col" { (of) } th scope="col" { span.hidden { "Søjle" } } th.number scope="col" { (unit) } } }
            tbody {
                @for bar in bars {
                    tr {
                        th scope="row" { (bar.label) }
                        td { (scale.bar(bar.ore, &format!("{}: {} {unit}", bar.label, bar.figure))) }
                        td.number { (bar.figure) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_share_one_zero() {
        let scale = Scale::over([Ore(300), Ore(-100), Ore(0)].into_iter());
        assert_eq!(scale.extent(Ore(300)), (250, 750));
        assert_eq!(scale.extent(Ore(-100)), (0, 250));
        assert_eq!(scale.extent(Ore(0)), (250, 0));
        assert_eq!(Scale::over(std::iter::empty()).extent(Ore(0)), (0, 0));
        let extreme = Scale::over([Ore(i64::MAX), Ore(i64::MIN)].into_iter());
        assert_eq!(extreme.extent(Ore(i64::MIN)).0, 0);
    }

    #[test]
    fn every_bar_has_its_text() {
        let bars = [Bar { label: "Børn & <unge>".to_owned(), ore: Ore(5), figure: "0".to_owned() }];
        let markup = chart("Kroner", "Afdeling", "kr.", &bars).into_string();
        assert!(markup.contains("aria-label=\"Børn &amp; &lt;unge&gt;: 0 kr.\""));
        assert!(markup.contains("<caption>Kroner</caption>") && !markup.contains("<unge>"));
    }
}
