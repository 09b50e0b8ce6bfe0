//! Numbers, titles, masks and seals of documents.

use super::*;
use crate::item::ItemKind;
use crate::sample::PERSON_SECRETS;

#[test]
fn documents_are_numbered_by_organ_kind_and_year() {
    let mut world = World::new();
    let first = world.case_in(StateName::Refused).unwrap();
    let second = world.case_in(StateName::Accepted).unwrap();
    let numbers = |docket: &Docket| -> Vec<String> {
        case(docket).documents.iter().map(|d| d.number.clone()).collect()
    };
    assert_eq!(
        numbers(&first),
        ["长审收字〔2026〕第00001号", "长审受字〔2026〕第00001号", "长审不准字〔2026〕第00001号"]
    );
    assert_eq!(numbers(&second), ["长审收字〔2026〕第00002号", "长审受字〔2026〕第00002号"]);
    world.go_to(jiff::civil::date(2027, 1, 4), 9);
    let third = world.case_in(StateName::Accepted).unwrap();
    assert_eq!(numbers(&third), ["长审收字〔2027〕第00001号", "长审受字〔2027〕第00001号"]);
}

#[test]
fn every_document_stands_in_the_name_of_the_organ_with_its_number_date_and_subject() {
    let mut world = World::new();
    for state in StateName::ALL {
        let docket = world.case_in(state).unwrap();
        for document in &case(&docket).documents {
            let kept = world.text(document.data.id).unwrap();
            assert_eq!(digest_text(&kept.salt, kept.kind.as_str(), &kept.body), document.data.digest);
            let paper: Paper = serde_json::from_str(&kept.body).unwrap();
            assert_eq!((paper.kind, &paper.number), (document.kind, &document.number));
            assert_eq!(paper.organ, world.agency.name);
            assert_eq!(document.check_code().len(), 16);
            assert!(!paper.title.is_empty() && !paper.date.is_empty() && !paper.seal.is_empty());
            assert!(paper.sample, "made with sample data and says so");
            if paper.kind != PaperKind::Licence {
                assert_eq!(fact(&paper, "事项名称"), world.entry.name);
                assert_eq!(fact(&paper, "查询号"), case(&docket).no.as_str());
            }
        }
    }
}

#[test]
fn unfavourable_documents_tell_the_remedies() {
    let mut world = World::new();
    for (state, kind) in [
        (StateName::Declined, PaperKind::DeclinationNotice),
        (StateName::Refused, PaperKind::RefusalDecision),
        (StateName::Suspended, PaperKind::SuspensionNotice),
        (StateName::Terminated, PaperKind::TerminationNotice),
    ] {
        let docket = world.case_in(state).unwrap();
        let text = words(&paper(&world, &docket, kind));
        assert!(text.contains("石家庄市长安区人民政府申请行政复议"), "{text}");
        assert!(text.contains("石家庄市长安区人民法院提起行政诉讼"), "{text}");
    }
}

#[test]
fn titles_speak_of_licences_only_where_there_are_licences() {
    for kind in [
        ItemKind::Licence,
        ItemKind::Benefit,
        ItemKind::Confirmation,
        ItemKind::Reward,
        ItemKind::Ruling,
        ItemKind::Other,
        ItemKind::PublicService,
        ItemKind::Filing,
    ] {
        for paper in [PaperKind::GrantDecision, PaperKind::RefusalDecision] {
            let title = paper.title(kind);
            assert_eq!(title.contains("许可"), kind == ItemKind::Licence, "{title}");
        }
    }
    assert_eq!(PaperKind::GrantDecision.title(ItemKind::Licence), "准予行政许可决定书");
    assert_eq!(PaperKind::RefusalDecision.title(ItemKind::Confirmation), "不予行政确认决定书");
    assert_eq!(PaperKind::AcceptanceNotice.title(ItemKind::Filing), "受理通知书");
}

#[test]
fn a_persons_number_is_masked_on_every_document() {
    let mut world = World::new();
    let mut docket = submit_sample(&mut world, 2).unwrap();
    world.proper(&mut docket, CommandKind::Receive).unwrap();
    let receipt = paper(&world, &docket, PaperKind::Receipt);
    assert_eq!(fact(&receipt, "证件号码"), "110***********002X");
    assert_eq!(receipt.recipient, PERSON_SECRETS[0]);
    let table = receipt.table.unwrap();
    let ways: Vec<&str> = table.rows.iter().map(|r| r[3].as_str()).collect();
    assert_eq!(ways, ["由申请表生成", "电子件1个", "电子件2个", "未提交", "未提交", "共享核验，免提交"]);
}

#[test]
fn stored_words_are_read_back() {
    for kind in PaperKind::ALL {
        assert_eq!(PaperKind::parse(kind.as_str()), Some(kind));
    }
    for state in StateName::ALL {
        assert_eq!(StateName::parse(state.as_str()), Some(state));
    }
    assert_eq!(StateName::parse("nowhere"), None);
}

#[test]
fn citizens_read_the_pressing_day() {
    let mut world = World::new();
    let said = |world: &World, docket: &Docket| {
        let case = case(docket);
        citizen_words(case, case.pressing(&world.regime, &world.calendar))
    };
    let docket = world.case_in(StateName::Submitted).unwrap();
    assert_eq!(said(&world, &docket), "已提交，窗口最迟2026年3月9日答复");
    let docket = world.case_in(StateName::Supplementing).unwrap();
    assert_eq!(said(&world, &docket), "请您补正2处，2026年3月23日前");
    let docket = world.case_in(StateName::Reviewing).unwrap();
    assert_eq!(said(&world, &docket), "正在审查，承诺2026年3月9日前办结");
    world.go_to(jiff::civil::date(2027, 3, 1), 9);
    let docket = world.case_in(StateName::Accepted).unwrap();
    assert_eq!(said(&world, &docket), "已受理，承诺2027年3月8日（暂定）前办结");
}
