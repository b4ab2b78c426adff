//! Models, their versions and evaluations, experiments.

pub(crate) mod models {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "models")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod model_versions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "model_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub model_id: Uuid,
        pub number: i32,
        pub labels: Json,
        pub weights_sha256: Option<String>,
        pub weights_bytes: Option<i64>,
        pub experiment_id: Option<Uuid>,
        pub base_id: Option<Uuid>,
        pub dataset_version_id: Option<Uuid>,
        pub created: i64,
        pub task: String,
        pub format: Option<String>,
        pub recipe: Option<Json>,
        pub trainer: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod model_files {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "model_files")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub model_version_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub sha256: String,
        pub bytes: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod evaluations {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "evaluations")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub model_version_id: Uuid,
        pub dataset: String,
        pub split: String,
        pub images: i64,
        pub boxes: i64,
        pub summary: Json,
        pub per_label: Json,
        pub at: i64,
        pub left_out: Option<Json>,
        pub fitted: Option<bool>,
        pub best_threshold: Option<Json>,
        pub intervals: Option<Json>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod experiments {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "experiments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub state: String,
        pub dataset_version_id: Uuid,
        pub model: String,
        pub base_id: Option<Uuid>,
        pub trainer: Option<String>,
        pub params: Json,
        pub fingerprint: String,
        pub code_version: String,
        pub model_version_id: Option<Uuid>,
        pub error: Option<String>,
        pub created: i64,
        pub started: Option<i64>,
        pub finished: Option<i64>,
        pub progress: f64,
        pub seconds_left: Option<f64>,
        pub plan: Option<Json>,
        pub stopped_early: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod experiment_points {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "experiment_points")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub experiment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub series: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i32,
        pub value: f64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod experiment_log {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "experiment_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub experiment_id: Uuid,
        pub at: i64,
        pub line: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
