//! `SETTINGS` of user fields as the portal returns them, type by type (§4.3).

use serde_json::{Value, json};

/// The settings that a fresh field of that type has.
pub(super) fn of_type(user_type_id: &str) -> Value {
    match user_type_id {
        "string" => json!({"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0,
            "DEFAULT_VALUE": ""}),
        "integer" => json!({"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": null}),
        "double" => json!({"PRECISION": 2, "SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0,
            "DEFAULT_VALUE": null}),
        "boolean" => json!({"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""],
            "LABEL_CHECKBOX": ""}),
        "date" => json!({"DEFAULT_VALUE": {"VALUE": "2024-08-22", "TYPE": "FIXED"}}),
        "datetime" => json!({"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_SECOND": "Y",
            "USE_TIMEZONE": "N"}),
        "enumeration" => json!({"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "",
            "SHOW_NO_VALUE": "Y"}),
        "crm_status" => json!({"ENTITY_TYPE": "INDUSTRY"}),
        "crm" => json!({"CONTACT": "Y", "COMPANY": "Y", "DYNAMIC_177": "Y", "LEAD": null}),
        "file" => json!({"SIZE": 20, "LIST_WIDTH": 0, "LIST_HEIGHT": 0, "MAX_SHOW_SIZE": 0,
            "MAX_ALLOWED_SIZE": 0, "EXTENSIONS": [], "TARGET_BLANK": "Y"}),
        "address" => json!({"SHOW_MAP": "Y"}),
        "money" => json!({"DEFAULT_VALUE": "0|RUB"}),
        "url" => json!({"SIZE": 20, "POPUP": "Y", "MIN_LENGTH": 0, "MAX_LENGTH": 0,
            "DEFAULT_VALUE": ""}),
        "iblock_element" | "iblock_section" => json!({"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": 31,
            "DEFAULT_VALUE": "", "DISPLAY": "DIALOG", "LIST_HEIGHT": 1, "ACTIVE_FILTER": "N"}),
        "resourcebooking" => booking(),
        _ => json!([]),
    }
}

fn booking() -> Value {
    json!({
        "USE_USERS": "N",
        "USE_RESOURCES": "Y",
        "RESOURCES": {"resource": {"SECTIONS": [{"ID": "14", "NAME": "Монтажные бригады"}]}},
        "SELECTED_RESOURCES": [
            {"id": "41", "title": "Бригада 1", "type": "resource"},
            {"id": "43", "title": "Бригада 2", "type": "resource"},
        ],
        "SELECTED_USERS": [],
        "FULL_DAY": "N",
        "ALLOW_OVERBOOKING": "N",
        "TIMEZONE": "Europe/Moscow",
        "USE_SERVICES": "N",
    })
}
