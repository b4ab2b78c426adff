//! Continuous training and deployment, and the evidence they rest on.

pub(crate) mod learning_rounds {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "learning_rounds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub deployment_id: Uuid,
        pub experiment_id: Uuid,
        pub champion_id: Uuid,
        pub snapshot_id: Uuid,
        pub launched_by: String,
        pub submissions: i64,
        pub state: String,
        pub comparison_id: Option<Uuid>,
        pub verdict: Option<String>,
        pub outcome: String,
        pub created: i64,
        pub finished: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod frozen_feedback {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "frozen_feedback")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: Uuid,
        pub version_id: Uuid,
        pub prediction_id: Uuid,
        pub revision: i32,
        pub started_from: String,
        pub started_model: Option<Uuid>,
        pub fresh: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod comparisons {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "comparisons")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub deployment_id: Uuid,
        pub champion_id: Uuid,
        pub candidate_id: Uuid,
        pub holdout: String,
        pub subject: Json,
        pub report: Json,
        pub verdict: String,
        pub images: i64,
        pub at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod comparison_images {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "comparison_images")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub comparison_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub asset_id: Uuid,
        pub filename: String,
        pub start: String,
        pub truths: Vec<u8>,
        pub champion: Vec<u8>,
        pub candidate: Vec<u8>,
        pub champion_ms: f64,
        pub candidate_ms: f64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
