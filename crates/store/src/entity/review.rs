//! Revisions of reviews, skips, leases and settings.

pub(crate) mod reviews {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reviews")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i32,
        pub base_revision: i32,
        pub reviewer: String,
        pub at: i64,
        pub started_from: String,
        pub untouched: i32,
        pub picked: String,
        pub content_hash: String,
        pub box_count: i32,
        pub restored_from: Option<i32>,
        pub statistics: Option<Json>,
        pub sources: Option<Json>,
        pub left_as_drawn: Option<Json>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod review_skips {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_skips")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        pub reason: String,
        pub skipped_by: String,
        pub at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod review_leases {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_leases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prediction_id: Uuid,
        pub person: String,
        pub session: String,
        pub name: String,
        pub picked: String,
        pub blind: bool,
        pub until: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
