//! The keys that commands are bound to. They are the model's own, so that it knows nothing of a window.

macro_rules! keys {
    ($($key:ident $name:literal $text:literal,)*) => {
        /// A key of the keyboard.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Key { $(#[doc = $text] $key,)* }

        impl Key {
            /// Every key.
            pub const ALL: &[Self] = &[$(Self::$key,)*];

            /// The name that toolkits have for it, such as `ArrowLeft`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }

            /// What stands on the key, such as `Left`.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$key => $text,)* }
            }
        }
    };
}

keys! {
    ArrowDown "ArrowDown" "Down",
    ArrowLeft "ArrowLeft" "Left",
    ArrowRight "ArrowRight" "Right",
    ArrowUp "ArrowUp" "Up",
    Home "Home" "Home",
    End "End" "End",
    PageUp "PageUp" "Page up",
    PageDown "PageDown" "Page down",
    Escape "Escape" "Esc",
    Tab "Tab" "Tab",
    Backspace "Backspace" "Backspace",
    Delete "Delete" "Delete",
    Enter "Enter" "Enter",
    Space "Space" "Space",
    Menu "Menu" "Menu",
    Slash "Slash" "/",
    Questionmark "Questionmark" "?",
    Plus "Plus" "+",
    Equals "Equals" "=",
    Minus "Minus" "-",
    Comma "Comma" ",",
    Period "Period" ".",
    OpenBracket "OpenBracket" "[",
    CloseBracket "CloseBracket" "]",
    Num0 "0" "0",
    Num1 "1" "1",
    Num2 "2" "2",
    Num3 "3" "3",
    Num4 "4" "4",
    Num5 "5" "5",
    Num6 "6" "6",
    Num7 "7" "7",
    Num8 "8" "8",
    Num9 "9" "9",
    A "A" "A",
    B "B" "B",
    C "C" "C",
    D "D" "D",
    E "E" "E",
    F "F" "F",
    G "G" "G",
    H "H" "H",
    I "I" "I",
    J "J" "J",
    K "K" "K",
    L "L" "L",
    M "M" "M",
    N "N" "N",
    O "O" "O",
    P "P" "P",
    Q "Q" "Q",
    R "R" "R",
    S "S" "S",
    T "T" "T",
    U "U" "U",
    V "V" "V",
    W "W" "W",
    X "X" "X",
    Y "Y" "Y",
    Z "Z" "Z",
    F1 "F1" "F1",
    F2 "F2" "F2",
    F3 "F3" "F3",
    F4 "F4" "F4",
    F5 "F5" "F5",
    F6 "F6" "F6",
    F7 "F7" "F7",
    F8 "F8" "F8",
    F9 "F9" "F9",
    F10 "F10" "F10",
    F11 "F11" "F11",
    F12 "F12" "F12",
}

impl Key {
    /// Whether it is one of the keys in the top row that never type.
    #[must_use]
    pub const fn is_function(self) -> bool {
        let name = self.name().as_bytes();
        name.len() > 1 && matches!(name, [b'F', ..])
    }
}
