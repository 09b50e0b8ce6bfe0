use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CREDIT: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests-data/checkdigit_vectors.json")).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn agency() -> CreditCode {
    CreditCode::parse("11370800MB28559184").unwrap()
}

fn item() -> LocalItemCode {
    LocalItemCode::parse("11370800MB285591843370117002011").unwrap()
}

fn resident(body: &str) -> String {
    format!("{body}{}", char::from(check::resident_id(body.as_bytes())))
}

fn chinese<T: std::fmt::Debug>(result: Result<T, IdError>) -> String {
    result.unwrap_err().to_string()
}

/// Every text that differs from `text` in one character of `alphabet`.
fn neighbours(text: &str, alphabet: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, old) in text.char_indices() {
        for new in alphabet.chars().filter(|&c| c != old) {
            all.push(format!("{}{new}{}", &text[..at], &text[at + 1..]));
        }
    }
    all
}

#[test]
fn every_real_credit_code_is_read_and_computed() {
    for code in texts(&vectors()["uscc_valid"]) {
        assert_eq!(CreditCode::parse(&code).unwrap().as_str(), code);
        assert_eq!(CreditCode::compute(&code[..17]).unwrap().as_str(), code);
        assert_eq!(CreditCode::parse(&code.to_lowercase()).unwrap().as_str(), code);
    }
    assert_eq!(CreditCode::parse("91133100MA0D8N1J7G").unwrap().division(), "133100");
}

#[test]
fn every_known_resident_number_has_its_check_character() {
    for (body, check) in vectors()["idcard_algo"].as_object().unwrap() {
        let whole = format!("{body}{}", check.as_str().unwrap());
        assert_eq!(ResidentId::parse(&whole).unwrap().as_str(), whole);
    }
    assert_eq!(ResidentId::parse("11010519491231002x").unwrap().birth_date(), date(1949, 12, 31));
}

#[test]
fn every_real_licence_identifier_is_read_and_composed() {
    for vector in vectors()["cert_id"].as_array().unwrap() {
        let text = vector["id"].as_str().unwrap();
        let id = LicenceId::parse(text).unwrap();
        assert_eq!(id.as_str(), text);
        let body = format!("{}{}{}{:03}", id.licence_type(), id.issuer(), id.serial(), id.version());
        assert_eq!(body, vector["body"].as_str().unwrap());
        assert!(text.ends_with(vector["check"].as_str().unwrap()));
        let again = LicenceId::compose(id.licence_type(), id.issuer(), id.serial(), id.version());
        assert_eq!(again, Ok(id));
    }
}

#[test]
fn every_real_item_code_splits_into_its_parts() {
    for vector in vectors()["task_code_real"].as_array().unwrap() {
        let code = LocalItemCode::parse(vector["code"].as_str().unwrap()).unwrap();
        let catalogue = code.catalogue();
        let parts = [
            code.agency().as_str().to_owned(),
            code.use_level().to_string(),
            catalogue.region().to_owned(),
            catalogue.kind().to_owned(),
            catalogue.department().to_owned(),
            catalogue.main().to_owned(),
            catalogue.sub().to_owned(),
        ];
        assert_eq!(parts.to_vec(), texts(&vector["split"]));
        let [_, _, region, kind, department, main, sub] = &parts;
        assert_eq!(CatalogueCode::compose(region, kind, department, main, sub).unwrap(), catalogue);
        assert_eq!(LocalItemCode::compose(&code.agency(), code.use_level(), &catalogue), Ok(code));
    }
}

#[test]
fn the_real_case_number_splits_into_item_day_and_serial() {
    let vector = &vectors()["case_no_real"];
    let no = NationalCaseNo::parse(vector["no"].as_str().unwrap()).unwrap();
    assert_eq!(no.item().as_str(), vector["split"][0].as_str().unwrap());
    assert_eq!((no.day(), no.serial()), (date(2022, 6, 23), 68));
    assert_eq!(NationalCaseNo::compose(&no.item(), no.day(), 68), Ok(no));
}

#[test]
fn what_people_type_is_tidied_before_it_is_read() {
    let typed = "　１１０１０５ 1949\u{200b}1231 002ｘ ";
    assert_eq!(ResidentId::parse(typed).unwrap().as_str(), "11010519491231002X");
    for typed in
        ["+86 138-1234-5678", "0086 13812345678", "8613812345678", "138 1234 5678", "\u{202d}13812345678"]
    {
        assert_eq!(MobileNumber::parse(typed).unwrap().as_str(), "13812345678", "{typed}");
    }
    assert_eq!(CatalogueCode::parse("65 01 16 013 001").unwrap().as_str(), "650116013001");
}

#[test]
fn a_resident_number_is_never_refused_for_an_old_or_foreign_division() {
    for province in ["11", "13", "71", "81", "83", "91"] {
        assert!(ResidentId::parse(&resident(&format!("{province}999919900101001"))).is_ok(), "{province}");
    }
    for province in ["00", "10", "92", "99"] {
        let error = ResidentId::parse(&resident(&format!("{province}010119900101001"))).unwrap_err();
        assert_eq!(error, IdError::Part { kind: IdKind::ResidentId, part: Part::Province });
    }
}

#[test]
fn a_birth_date_must_exist() {
    let birth = |day: &str| ResidentId::parse(&resident(&format!("130102{day}001")));
    assert!(birth("20000229").is_ok() && birth("18000101").is_ok() && birth("21991231").is_ok());
    for day in ["19000229", "19901301", "19900431", "19900100", "17991231", "22000101"] {
        let part = Part::BirthDate;
        assert_eq!(birth(day).unwrap_err(), IdError::Part { kind: IdKind::ResidentId, part }, "{day}");
    }
}

#[test]
fn people_are_masked_wherever_they_are_printed() {
    let id = ResidentId::parse(&resident("13010219900101001")).unwrap();
    assert_eq!(id.masked(), "130***********0015");
    assert_eq!(format!("{id:?}"), "ResidentId(130***********0015)");
    let mobile = MobileNumber::parse("13812345678").unwrap();
    assert_eq!(format!("{mobile:?}"), "MobileNumber(138****5678)");
}

#[test]
fn an_error_says_how_to_put_it_right() {
    let long = "1301021990010100155";
    let messages = [
        chinese(ResidentId::parse("13010219900101001")),
        chinese(ResidentId::parse(long)),
        chinese(ResidentId::parse("")),
        chinese(ResidentId::parse("13010219900101001X")),
        chinese(ResidentId::parse("13010219901301001X")),
        chinese(CreditCode::parse("11370800MB2855918I")),
        chinese(MobileNumber::parse("23812345678")),
        chinese(DivisionCode::parse("1301")),
        chinese(NationalCaseNo::parse("")),
        chinese(LicenceId::parse("1.2.3")),
        chinese(LocalItemCode::parse("11370800MB285591853370117002011")),
        chinese(Id::parse("-1")),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    请输入18位身份证号码，现在少1位
    请输入18位身份证号码，现在多1位
    请输入18位身份证号码
    请核对身份证号码：最后一位校验码不对
    请核对身份证号码：第7至14位应是出生日期，如19900101
    请核对统一社会信用代码：第18位的字符不能用在这里
    请核对手机号码：应以13至19开头，如13812345678
    请输入6位、9位或12位行政区划代码，现在是4位
    请输入43位或44位办件编号
    请核对电子证照标识：应以1.2.156.3005.2.开头，用点分成类型、机构、流水号、版本、校验位五段
    请核对实施编码：前18位应是统一社会信用代码，其校验码不对
    请核对系统编号：应为不带符号的整数
    ");
}

#[test]
fn an_error_reads_in_english_too() {
    let error = ResidentId::parse("13010219900101001").unwrap_err();
    assert_eq!(error.english(), "Enter the 18 characters of the resident identity number: 1 missing");
    let error = CreditCode::parse("11370800MB28559185").unwrap_err();
    assert_eq!(error.english(), "Check the unified social credit code: the last (check) character is wrong");
    assert_eq!(error.kind(), IdKind::CreditCode);
}

#[test]
fn an_error_repeats_nothing_that_was_typed_and_reveals_no_check_character() {
    for wrong in neighbours("11010519491231002X", "0123456789X") {
        if let Err(error) = ResidentId::parse(&wrong) {
            let said = format!("{error}{}{error:?}", error.english());
            assert!(!said.contains(&wrong) && !said.contains('X'), "{said}");
        }
    }
}

#[test]
fn item_codes_refuse_levels_and_organs_that_cannot_be() {
    let catalogue = CatalogueCode::parse("370117002011").unwrap();
    for level in [0, 8, 9] {
        assert!(LocalItemCode::compose(&agency(), level, &catalogue).is_err());
        assert!(LocalItemCode::parse(&format!("{}{level}{catalogue}", agency())).is_err());
    }
    assert!(LocalItemCode::parse("11370800MB28559185337011700201").is_err());
    assert!(CatalogueCode::compose("13", "1", "016", "013", "001").is_err());
    assert!(CatalogueCode::parse("13011601300A").is_err());
}

#[test]
fn a_handling_code_counts_from_01_to_99() {
    for sequence in [1, 42, 99] {
        let code = HandlingCode::compose(&item(), sequence).unwrap();
        assert_eq!((code.item(), code.sequence()), (item(), sequence));
        assert_eq!(HandlingCode::parse(code.as_str()).unwrap(), code);
        assert_eq!(code.as_str().len(), 33);
    }
    assert!(HandlingCode::compose(&item(), 0).is_err() && HandlingCode::compose(&item(), 100).is_err());
    assert!(HandlingCode::parse(&format!("{}00", item())).is_err());
}

#[test]
fn a_case_number_grows_to_44_characters_above_9999() {
    let day = date(2026, 1, 5);
    for (serial, length) in [(1, 43), (9_999, 43), (10_000, 44), (99_999, 44)] {
        let no = NationalCaseNo::compose(&item(), day, serial).unwrap();
        assert_eq!((no.as_str().len(), no.serial(), no.day(), no.item()), (length, serial, day, item()));
        assert_eq!(NationalCaseNo::parse(no.as_str()).unwrap(), no);
    }
    assert!(NationalCaseNo::compose(&item(), day, 0).is_err());
    assert!(NationalCaseNo::compose(&item(), day, 100_000).is_err());
    for tail in ["202601050000", "2026010500001", "202602300001"] {
        assert!(NationalCaseNo::parse(&format!("{}{tail}", item())).is_err(), "{tail}");
    }
}

#[test]
fn a_case_reference_is_read_however_it_is_typed() {
    let no = CaseNo::from_random([7; 16]);
    assert_eq!(no.as_str().len(), 12);
    assert_eq!(CaseNo::parse(&no.grouped().to_lowercase()).unwrap(), no);
    assert_eq!(CaseNo::parse(&no.grouped().replace('-', " – ")).unwrap(), no);
    assert_eq!(CaseNo::from_random([7; 16]), no);
}

#[test]
fn case_references_use_every_character_about_equally() {
    let mut seen = std::collections::BTreeMap::<char, u32>::new();
    for n in 0..29_000_u64 {
        let word = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&word.to_be_bytes());
        bytes[8..].copy_from_slice(&word.wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes());
        for c in CaseNo::from_random(bytes).as_str().chars() {
            *seen.entry(c).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 29);
    assert!(seen.keys().all(|c| !"01ILOSU".contains(*c)));
    assert!(seen.values().all(|&count| (11_000..13_000).contains(&count)), "{seen:?}");
}

#[test]
fn licence_identifiers_refuse_parts_of_the_wrong_shape() {
    let (kind, issuer) = ("11100000000013338W011", "130000");
    assert!(LicenceId::compose(kind, issuer, "1", 1).is_ok());
    for (kind, issuer, serial, version) in [
        (&kind[1..], issuer, "1", 1),
        (kind, "13000", "1", 1),
        (kind, "13000A", "1", 1),
        (kind, issuer, "", 1),
        (kind, issuer, "1.1", 1),
        (kind, issuer, "1", 0),
        (kind, issuer, "1", 1_000),
    ] {
        assert!(LicenceId::compose(kind, issuer, serial, version).is_err());
    }
    let id = LicenceId::compose(kind, issuer, "1", 1).unwrap();
    assert!(LicenceId::parse(&id.as_str().replace(".001.", ".01.")).is_err());
    assert!(LicenceId::parse(&id.as_str().replace(".001.", ".+01.")).is_err());
    assert!(LicenceId::parse(id.as_str().trim_start_matches("1.2.")).is_err());
}

#[test]
fn a_division_code_is_filled_up_with_zeros() {
    let county = DivisionCode::parse("130102").unwrap();
    assert_eq!((county.as_str(), county.six(), county.packed()), ("130102000000", "130102", 130_102_000_000));
    assert_eq!(DivisionCode::parse("130102001").unwrap().to_string(), "130102001000");
    assert_eq!(DivisionCode::from_packed(130_102_000_000), county);
    assert!(DivisionCode::parse("1301020").is_err() && DivisionCode::parse("13010A").is_err());
}

#[test]
fn a_record_number_is_a_string_in_json_and_is_read_from_both() {
    let id = Id::compose(1, 2, 3);
    assert_eq!((id.ms(), id.node(), id.sequence()), (1, 2, 3));
    assert_eq!(serde_json::to_value(id).unwrap(), json!(id.get().to_string()));
    for value in [json!(id.get()), json!(id.get().to_string())] {
        assert_eq!(serde_json::from_value::<Id>(value).unwrap(), id);
    }
    assert_eq!(serde_json::from_value::<Id>(json!("0")).unwrap(), Id::from(0));
    for value in
        [json!(-1), json!("-1"), json!("+1"), json!(""), json!("x"), json!(u64::MAX), json!(1.5), json!(null)]
    {
        assert!(serde_json::from_value::<Id>(value.clone()).is_err(), "{value}");
    }
    let map = std::collections::BTreeMap::from([(id, 1)]);
    let text = serde_json::to_string(&map).unwrap();
    assert_eq!(serde_json::from_str::<std::collections::BTreeMap<Id, i32>>(&text).unwrap(), map);
}

#[test]
fn a_record_number_never_spills_from_one_field_into_the_next() {
    let most = Id::compose(i64::MAX, u16::MAX, u16::MAX);
    assert_eq!(most.get(), i64::MAX);
    assert_eq!(Id::compose(-5, 0, 0), Id::from(0));
    assert_eq!(Id::compose(0, u16::MAX, 0).ms(), 0);
}

#[test]
fn reading_from_json_checks_too() {
    assert_eq!(serde_json::from_value::<CreditCode>(json!("11370800mb28559184")).unwrap(), agency());
    assert_eq!(serde_json::to_value(agency()).unwrap(), json!("11370800MB28559184"));
    let error = serde_json::from_value::<CreditCode>(json!("11370800MB28559185")).unwrap_err().to_string();
    assert!(error.contains("请核对统一社会信用代码：最后一位校验码不对"), "{error}");
    let code: DivisionCode = serde_json::from_value(json!("130102")).unwrap();
    assert_eq!(serde_json::to_value(code).unwrap(), json!("130102000000"));
}

fn swaps(text: &str) -> Vec<String> {
    (1..text.len())
        .map(|at| format!("{}{}{}{}", &text[..at - 1], &text[at..=at], &text[at - 1..at], &text[at + 1..]))
        .filter(|swapped| swapped != text)
        .collect()
}

proptest! {
    #[test]
    fn one_wrong_character_in_a_resident_number_is_caught(
        province in 11_u32..=91, place in 0_u32..10_000, days in 0_i32..73_000, order in 0_u32..1_000,
    ) {
        let born = date(1900, 1, 1).saturating_add(jiff::Span::new().days(days));
        let body = format!("{province}{place:04}{}{order:03}", born.strftime("%Y%m%d"));
        let whole = resident(&body);
        let id = ResidentId::parse(&whole).unwrap();
        prop_assert_eq!(id.birth_date(), born);
        for wrong in neighbours(&whole, "0123456789X").into_iter().chain(swaps(&whole)) {
            prop_assert!(ResidentId::parse(&wrong).is_err(), "{}", wrong);
        }
    }

    #[test]
    fn one_wrong_character_in_a_credit_code_is_caught(body in "[0-9A-HJ-NPQRTUWXY]{17}") {
        let code = CreditCode::compute(&body).unwrap();
        prop_assert_eq!(CreditCode::parse(code.as_str()).unwrap(), code.clone());
        for wrong in neighbours(code.as_str(), CREDIT).into_iter().chain(swaps(code.as_str())) {
            prop_assert!(CreditCode::parse(&wrong).is_err(), "{}", wrong);
        }
    }

    #[test]
    fn one_wrong_or_swapped_character_in_a_case_reference_is_caught(bytes: [u8; 16]) {
        let no = CaseNo::from_random(bytes);
        prop_assert_eq!(CaseNo::parse(no.as_str()).unwrap(), no.clone());
        let alphabet = "23456789ABCDEFGHJKMNPQRTVWXYZ01ILOSU";
        for wrong in neighbours(no.as_str(), alphabet).into_iter().chain(swaps(no.as_str())) {
            prop_assert!(CaseNo::parse(&wrong).is_err(), "{}", wrong);
        }
    }

    #[test]
    fn record_numbers_sort_by_time_then_node_then_sequence(
        a in (0_i64..1 << 41, 0_u16..1_024, 0_u16..4_096), b in (0_i64..1 << 41, 0_u16..1_024, 0_u16..4_096),
    ) {
        let (first, second) = (Id::compose(a.0, a.1, a.2), Id::compose(b.0, b.1, b.2));
        prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        prop_assert_eq!((first.ms(), first.node(), first.sequence()), a);
        prop_assert_eq!(Id::parse(&first.to_string()), Ok(first));
    }

    #[test]
    fn no_text_makes_a_parser_fall_over(text in "\\PC{0,50}") {
        let _ = ResidentId::parse(&text);
        let _ = CreditCode::parse(&text);
        let _ = CreditCode::compute(&text);
        let _ = MobileNumber::parse(&text);
        let _ = CatalogueCode::parse(&text);
        let _ = CatalogueCode::compose(&text, &text, &text, &text, &text);
        let _ = LocalItemCode::parse(&text);
        let _ = HandlingCode::parse(&text);
        let _ = NationalCaseNo::parse(&text);
        let _ = CaseNo::parse(&text);
        let _ = LicenceId::parse(&format!("1.2.156.3005.2.{text}"));
        let _ = LicenceId::compose(&text, &text, &text, 1);
        let _ = DivisionCode::parse(&text);
        let _ = Id::parse(&text);
    }
}

proptest! {
    // Each case tries some two thousand wrong texts.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_wrong_character_in_a_licence_identifier_is_caught(
        kind in "[0-9A-Z]{21}", issuer in "[0-9A-Z]{18}|[0-9]{6}", serial in "[0-9A-Z]{1,20}", version in 1_u16..1_000,
    ) {
        let id = LicenceId::compose(&kind, &issuer, &serial, version).unwrap();
        prop_assert_eq!(
            (id.licence_type(), id.issuer(), id.serial(), id.version()),
            (kind.as_str(), issuer.as_str(), serial.as_str(), version)
        );
        prop_assert_eq!(LicenceId::parse(id.as_str()).unwrap(), id.clone());
        for wrong in neighbours(id.as_str(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.") {
            prop_assert!(LicenceId::parse(&wrong).is_err(), "{}", wrong);
        }
    }
}

#[test]
fn a_mail_address_is_read_as_people_type_it_and_printed_masked() {
    let address = MailAddress::parse(" Zhang.San＠Example.CN ").unwrap();
    assert_eq!(address.as_str(), "Zhang.San@example.cn");
    assert_eq!(address.masked(), "Z***@example.cn");
    assert_eq!(format!("{address:?}"), "MailAddress(Z***@example.cn)");
    for wrong in
        ["", "a@b", "zhang", "zhang@example", "zhang@@example.cn", "a.@example.cn", "z@-a.cn", "z@a..cn"]
    {
        assert!(MailAddress::parse(wrong).is_err(), "{wrong}");
    }
    for dangerous in
        ["z@a.cn\r\nBcc: x@y.cn", "\"z s\"@example.cn", "<z@example.cn>", "张@example.cn", "z***@example.cn"]
    {
        assert!(matches!(MailAddress::parse(dangerous), Err(IdError::Character { .. })), "{dangerous}");
    }
    let error = MailAddress::parse("zhang.example.cn").unwrap_err();
    assert_eq!(error.to_string(), "请核对邮箱地址：应写成名称、@和域名，如 zhang@example.cn");
}
