//! Passwords that speakers of Russian choose first, which the list of zxcvbn does not know (SEC-67).

use std::sync::LazyLock;

/// Words, the most usual first. Digits after them, capitals and the like zxcvbn tries by itself.
const WORDS: [&str; 112] = [
    "пароль",
    "привет",
    "йцукен",
    "йцукенг",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "фывапр",
    "ячсмить",
    "ячсмитьбю",
    "йфяцычувс",
    "любовь",
    "люблю",
    "люблютебя",
    "солнышко",
    "солнце",
    "наташа",
    "марина",
    "максим",
    "светлана",
    "андрей",
    "сергей",
    "дмитрий",
    "александр",
    "алексей",
    "анастасия",
    "настя",
    "катерина",
    "екатерина",
    "виктория",
    "кристина",
    "николай",
    "владимир",
    "евгений",
    "татьяна",
    "ирина",
    "ольга",
    "елена",
    "юлия",
    "денис",
    "никита",
    "артем",
    "кирилл",
    "михаил",
    "данила",
    "россия",
    "москва",
    "спартак",
    "зенит",
    "динамо",
    "локомотив",
    "самсунг",
    "компьютер",
    "интернет",
    "яндекс",
    "вконтакте",
    "одноклассники",
    "котенок",
    "котик",
    "кошка",
    "собака",
    "зайка",
    "зайчик",
    "медведь",
    "малыш",
    "малышка",
    "красотка",
    "принцесса",
    "ангел",
    "дракон",
    "бандит",
    "мастер",
    "чемпион",
    "победа",
    "удача",
    "счастье",
    "счастливый",
    "семья",
    "мама",
    "мамочка",
    "папа",
    "дочка",
    "сынок",
    "жизнь",
    "свобода",
    "дружба",
    "весна",
    "лето",
    "осень",
    "зима",
    "январь",
    "февраль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
    "понедельник",
    "пятница",
    "секрет",
    "доступ",
    "админ",
    "администратор",
    "директор",
    "менеджер",
    "бухгалтер",
    "продажи",
    "работа",
    "офис",
    "компания",
    "битрикс",
    "тест",
    "проверка",
];

/// The keys of a keyboard, by what they give in either layout.
const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";

/// The words, then the same keys struck in the Latin layout, then the same sounds in Latin letters.
pub(super) static COMMONPLACE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut all: Vec<String> = WORDS.map(str::to_owned).into();
    all.extend(WORDS.map(in_latin_layout));
    all.extend(WORDS.map(transliterated));
    all
});

/// What the same keys give in the Latin layout; other signs stay.
pub(super) fn in_latin_layout(text: &str) -> String {
    let keys = || RUSSIAN.chars().zip(LATIN.chars());
    text.to_lowercase()
        .chars()
        .map(|sign| {
            keys()
                .find(|(russian, _)| *russian == sign)
                .map_or(sign, |(_, latin)| latin)
        })
        .collect()
}

fn transliterated(word: &str) -> String {
    word.chars().map(latin_of).collect()
}

const fn latin_of(letter: char) -> &'static str {
    match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sch",
        'ю' => "yu",
        'я' => "ya",
        _ => "",
    }
}
