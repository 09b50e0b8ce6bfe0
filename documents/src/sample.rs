//! Sample sheets, clearly marked 样本: for tests, for looking at a layout, for a demonstration's first page.

use crate::sheet::{Certificate, Check, Notice, Seal, Table};

impl Notice {
    /// 文书样本: an ordinary notice with everything on it.
    pub fn sample() -> Self {
        let organ = "长安区行政审批局";
        Self {
            title: "受理通知书".into(),
            organ: organ.into(),
            number: "（2026）长审受字第00012号".into(),
            recipient: "石家庄样本餐饮有限公司".into(),
            paragraphs: vec![
                "你单位于2026年11月23日提出的食品经营许可（样本）申请，经审查，申请材料齐全、符合法定形式，\
                 根据《中华人民共和国行政许可法》第三十二条的规定，决定予以受理。"
                    .into(),
            ],
            facts: vec![
                ("事项名称".into(), "食品经营许可（样本）".into()),
                ("办件编号".into(), "YB-2026-1123-000012".into()),
                ("承诺办结日期".into(), "2026年12月4日".into()),
                ("领取方式".into(), "电子文书，另可到窗口领取纸质文本".into()),
            ],
            table: Some(Table {
                caption: "收到的材料".into(),
                columns: ["序号", "材料名称", "份数", "形式"].map(String::from).to_vec(),
                widths: vec![1.0, 6.0, 1.2, 1.8],
                rows: [
                    ["1", "食品经营许可申请书", "1", "原件"],
                    ["2", "营业执照（电子证照已核验）", "1", "免提交"],
                    ["3", "经营场所平面布局图", "1", "电子件"],
                ]
                .map(|row| row.map(String::from).to_vec())
                .to_vec(),
            }),
            closing: vec![
                "办理期间依法需要听证、检验、检测、检疫、鉴定和专家评审的，所需时间不计入办理期限，将另行书面告知。".into(),
                "你单位享有陈述权、申辩权；可以凭办件编号查询进度。".into(),
            ],
            contact: "咨询电话：0311-00000000　监督电话：0311-00000000\n地点：石家庄市长安区样本路1号政务服务大厅综合窗口"
                .into(),
            date: "2026年11月23日".into(),
            seal: Some(Seal { organ: organ.into(), caption: "行政审批专用章".into() }),
            check: sample_check(),
            watermark: Some("样本".into()),
        }
    }
}

impl Certificate {
    /// 证照样本: an ordinary licence with everything on it.
    pub fn sample() -> Self {
        let organ = "长安区行政审批局";
        Self {
            title: "食品经营许可证".into(),
            number: "JY21301020000000".into(),
            identifier: "1.2.156.3005.2.11100000000000000000.11130102000000000X.JY21301020000000.001.0"
                .into(),
            holder: "石家庄样本餐饮有限公司".into(),
            facts: [
                ("统一社会信用代码", "91130102MA00000000"),
                ("法定代表人", "张三（样本）"),
                ("住所", "河北省石家庄市长安区样本路1号"),
                ("经营场所", "河北省石家庄市长安区样本路1号一层"),
                ("主体业态", "餐饮服务经营者（小型餐馆）"),
                ("经营项目", "热食类食品制售、冷食类食品制售（不含冷荤）"),
            ]
            .map(|(label, value)| (label.to_string(), value.to_string()))
            .to_vec(),
            valid: "2026年11月23日至2031年11月22日".into(),
            organ: organ.into(),
            date: "2026年11月23日".into(),
            remark: "样本，不作为任何凭证。".into(),
            seal: Some(Seal { organ: organ.into(), caption: "行政审批专用章".into() }),
            check: sample_check(),
            watermark: Some("样本".into()),
        }
    }
}

fn sample_check() -> Check {
    Check {
        url: "https://tongban.example/check/7K3M-9QXT-2PHD".into(),
        code: "7K3M-9QXT-2PHD".into(),
        hint: "扫码或登录 tongban.example/check 输入核验码，核验真伪".into(),
    }
}
