//! Feedback loops, the sides of images, and what was submitted.

pub(crate) mod feedback_loops {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_loops")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deployment_id: Uuid,
        pub enabled: bool,
        pub version_id: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod image_fingerprints {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "image_fingerprints")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub image: String,
        pub pixel_hash: String,
        pub perceptual_hash: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod feedback_sides {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_sides")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub pixel_hash: String,
        pub side: String,
        pub reason: String,
        pub follows: Option<String>,
        pub deployment_id: Uuid,
        pub source: Option<String>,
        pub taken: i64,
        pub perceptual_hash: i64,
        pub decided: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod submissions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submissions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub prediction_id: Uuid,
        pub deployment_id: Uuid,
        pub version_id: Uuid,
        pub asset_id: Uuid,
        pub revision: i32,
        pub pixel_hash: String,
        pub side: String,
        pub reason: String,
        pub boxes: i32,
        pub labels: Json,
        pub submitted_by: String,
        pub at: i64,
        pub consumed_by: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
