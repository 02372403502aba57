//! A panic is a fault of samkor. It prints where in the source it happened, never its message: that could hold a value.

use std::panic::{Location, PanicHookInfo, set_hook};

use super::render::{Report, Style};

/// Replaces the standard hook, which prints the message.
pub fn install(style: Style) {
    set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        let place = info.location().map_or_else(|| "et ukendt sted".to_owned(), source_place);
        let hints = vec![
            "Det er en fejl i samkor. Send linjen ovenfor og versionen (samkor --version) til udviklerne.".to_owned(),
        ];
        Report::new("internal", format!("samkor gik i stykker ved {place}; intet blev afleveret"), hints).print(style);
    }));
}

fn source_place(location: &Location<'_>) -> String {
    format!("{}:{}", location.file(), location.line())
}

/// Panics with a message that must not be seen.
pub fn on_purpose() -> ! {
    panic!("0101010000 Kanarie Kanariesen")
}
