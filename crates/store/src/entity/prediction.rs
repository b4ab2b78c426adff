//! Predictions, their boxes and what hangs on them.

pub(crate) mod labels {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "labels")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod predictions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "predictions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub deployment_id: Uuid,
        pub model_version_id: Uuid,
        pub status: String,
        pub received: i64,
        pub created: i64,
        pub objects: i32,
        pub mean_confidence: Option<f64>,
        pub min_confidence: Option<f64>,
        pub latency_ms: f64,
        pub width: i32,
        pub height: i32,
        pub threshold: f64,
        pub source: Option<String>,
        pub filename: Option<String>,
        pub image: Option<String>,
        pub outlier_score: Option<f64>,
        pub outlier_distance: Option<f64>,
        pub shadow_disagreement: Option<f64>,
        pub revision: i32,
        pub reviewed_by: Option<String>,
        pub tags: Json,
        pub metadata: Json,
        pub visible: Vec<u8>,
        pub deletion_id: Option<Uuid>,
        pub outlier_reference_id: Option<Uuid>,
        pub image_bytes: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod boxes {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "boxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub origin: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub label_id: i64,
        pub score: Option<f64>,
        pub x: f64,
        pub y: f64,
        pub w: f64,
        pub h: f64,
        pub ignored: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod shadow_predictions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shadow_predictions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        pub model_version_id: Option<Uuid>,
        pub latency_ms: f64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod box_counts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "box_counts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deployment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub label_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub origin: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        pub visible: i32,
        pub stored: i32,
        pub max_score: f64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod prediction_tags {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "prediction_tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deployment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod prediction_metadata {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "prediction_metadata")]
    pub struct Model {
        pub deployment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub value: String,
        pub number: Option<f64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod arrival_skew {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "arrival_skew")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deployment_id: Uuid,
        pub least: i64,
        pub most: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod idempotency_keys {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deployment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub prediction_id: Uuid,
        pub request_hash: String,
        pub created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
