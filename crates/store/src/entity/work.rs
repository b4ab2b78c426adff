//! Long work.

pub(crate) mod work_items {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "work_items")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub subject: String,
        pub payload: Json,
        pub dedupe_key: Option<String>,
        pub state: String,
        pub progress: f64,
        pub message: String,
        pub attempts: i32,
        pub worker: Option<String>,
        pub heartbeat: Option<i64>,
        pub created: i64,
        pub updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
