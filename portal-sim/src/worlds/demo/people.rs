//! The 25 people of the demo company, two of them dismissed, and its departments.

use crate::worlds::{Department, User};

/// The ordinary employee: a sales manager.
pub(super) const EMPLOYEE: u32 = 12;
/// The one with narrow rights: a service dispatcher.
pub(super) const NARROW: u32 = 33;

/// Id, surname, name, patronymic, position, department.
type Person = (
    u32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u32,
);

const PEOPLE: &[Person] = &[
    (1, "Титова", "Анна", "Викторовна", "Генеральный директор", 1),
    (
        5,
        "Кравцов",
        "Михаил",
        "Андреевич",
        "Коммерческий директор",
        3,
    ),
    (
        8,
        "Логинова",
        "Екатерина",
        "Сергеевна",
        "Руководитель отдела продаж",
        3,
    ),
    (
        12,
        "Ершов",
        "Дмитрий",
        "Олегович",
        "Менеджер по продажам",
        3,
    ),
    (
        13,
        "Зайцева",
        "Мария",
        "Павловна",
        "Менеджер по продажам",
        3,
    ),
    (
        14,
        "Гусейнов",
        "Рустам",
        "Эльдарович",
        "Менеджер по продажам",
        3,
    ),
    (
        17,
        "Белова",
        "Ксения",
        "Игоревна",
        "Менеджер по работе с дилерами",
        4,
    ),
    (
        18,
        "Андреев",
        "Павел",
        "Николаевич",
        "Руководитель оптового отдела",
        4,
    ),
    (
        21,
        "Щукина",
        "Наталья",
        "Юрьевна",
        "Специалист по тендерам",
        4,
    ),
    (22, "Фомин", "Алексей", "Денисович", "Замерщик", 6),
    (24, "Орлов", "Виктор", "Степанович", "Замерщик", 6),
    (
        27,
        "Сидоренко",
        "Игорь",
        "Васильевич",
        "Начальник монтажного участка",
        6,
    ),
    (28, "Юсупов", "Тимур", "Маратович", "Бригадир", 6),
    (31, "Никитин", "Сергей", "Львович", "Бригадир", 6),
    (
        33,
        "Морозова",
        "Светлана",
        "Ильинична",
        "Диспетчер сервиса",
        7,
    ),
    (34, "Павлов", "Артём", "Кириллович", "Мастер по ремонту", 7),
    (
        36,
        "Чернова",
        "Людмила",
        "Фёдоровна",
        "Руководитель сервиса",
        7,
    ),
    (
        40,
        "Громов",
        "Константин",
        "Евгеньевич",
        "Начальник производства",
        9,
    ),
    (41, "Васильева", "Ирина", "Анатольевна", "Технолог", 9),
    (45, "Ким", "Станислав", "", "Конструктор", 9),
    (46, "Полякова", "Дарья", "Максимовна", "Маркетолог", 10),
    (
        49,
        "Савельев",
        "Роман",
        "Витальевич",
        "Системный администратор",
        1,
    ),
    (
        52,
        "Ахметова",
        "Гульнара",
        "Рашидовна",
        "Главный бухгалтер",
        11,
    ),
    (38, "Данилов", "Егор", "Петрович", "Менеджер по продажам", 3),
    (43, "Рябова", "Вера", "Алексеевна", "Бухгалтер", 11),
];

/// Those who have left.
const DISMISSED: &[u32] = &[38, 43];

/// Id, name, parent, head.
const DEPARTMENTS: &[(u32, &str, Option<u32>, Option<u32>)] = &[
    (1, "Светлица", None, Some(1)),
    (3, "Отдел продаж", Some(1), Some(8)),
    (4, "Опт и тендеры", Some(1), Some(18)),
    (6, "Замер и монтаж", Some(1), Some(27)),
    (7, "Сервис", Some(1), Some(36)),
    (9, "Производство", Some(1), Some(40)),
    (10, "Маркетинг", Some(3), None),
    (11, "Бухгалтерия", Some(1), Some(52)),
];

pub(super) fn all() -> Vec<User> {
    let mut users: Vec<User> = PEOPLE.iter().map(person).collect();
    users.sort_by_key(|user| user.id);
    users
}

pub(super) fn departments() -> Vec<Department> {
    let department =
        |&(id, name, parent, head): &(u32, &str, Option<u32>, Option<u32>)| Department {
            id,
            name: name.to_owned(),
            sort: 500,
            parent,
            head,
        };
    DEPARTMENTS.iter().map(department).collect()
}

fn person(&(id, last_name, name, second_name, position, department): &Person) -> User {
    let is_female = matches!(name.chars().last(), Some('а' | 'я'));
    User {
        id,
        active: !DISMISSED.contains(&id),
        name: name.to_owned(),
        last_name: last_name.to_owned(),
        second_name: second_name.to_owned(),
        position: position.to_owned(),
        gender: if is_female { "F" } else { "M" }.to_owned(),
        departments: vec![department],
        admin: id == 1,
    }
}
