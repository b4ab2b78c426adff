use crate::{
    fixtures::{START, act, by, id, user},
    harness::both,
};
use domain::{
    access::{Role, Token, TokenOwner, User},
    ids::TokenId,
    page::PageRequest,
};
use serde_json::json;
use store::{Act, Link, NewAudit, SessionRow, StoreError};

fn link(hash: &str, owner: Option<&User>) -> Link {
    Link {
        secret_hash: hash.to_owned(),
        user_id: owner.map(|user| user.id),
        created: START,
        expires: START.plus_ms(1_000),
    }
}

both! {
    async fn an_email_has_one_account(store) {
        let first = user("ann@example.org");
        store.users().insert(&first, Some("hash"), None, act()).await.unwrap();
        let again = store.users().insert(&user("ann@example.org"), None, None, act()).await;
        assert!(matches!(again, Err(StoreError::Conflict { what }) if what.contains("ann@example.org")));
        let found = store.users().credentials_by_email("ann@example.org").await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash.as_deref()), (first, Some("hash")));
        assert_eq!(store.users().list().await.unwrap().len(), 1);
    }

    async fn roles_passwords_and_blocks_change_one_person_only(store) {
        let (ann, bob) = (user("ann@example.org"), user("bob@example.org"));
        for person in [&bob, &ann] {
            store.users().insert(person, None, None, act()).await.unwrap();
        }
        store.users().change(ann.id, Some((Role::Viewer, act())), None).await.unwrap();
        store.users().change(ann.id, None, Some((true, act()))).await.unwrap();
        store.users().set_password(ann.id, "new", act()).await.unwrap();
        let everybody = store.users().list().await.unwrap();
        assert_eq!(everybody.len(), 2);
        assert_eq!((everybody[0].role, everybody[0].disabled), (Role::Viewer, true));
        assert_eq!(everybody[1], bob);
        let hash = store.users().credentials(ann.id).await.unwrap().unwrap().password_hash;
        assert_eq!(hash.as_deref(), Some("new"));
        let epoch = async |who| store.users().credentials(who).await.unwrap().unwrap().session_epoch;
        assert_eq!((epoch(ann.id).await, epoch(bob.id).await), (3, 0), "each change begins an epoch");
        let nobody = store.users().change(id(), Some((Role::Admin, act())), None).await;
        assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
    }

    async fn the_first_account_is_made_once(store) {
        let viewer = User { role: Role::Viewer, ..user("vic@example.org") };
        store.users().insert(&viewer, None, None, act()).await.unwrap();
        assert!(!store.users().has_admin().await.unwrap(), "who may only look helps nobody in");
        store.users().put_link(&link("old", None)).await.unwrap();
        store.users().put_link(&link("secret", None)).await.unwrap();
        assert_eq!(store.users().find_link("old", START).await.unwrap(), None, "the newer one replaced it");
        assert_eq!(store.users().find_link("secret", START).await.unwrap(), Some(link("secret", None)));
        let late = store.users().redeem_first("secret", START.plus_ms(1_000), &user("a@b.c"), "h", act()).await;
        assert!(matches!(late, Err(StoreError::NotFound { .. })));
        let ann = user("ann@example.org");
        store.users().redeem_first("secret", START, &ann, "hash", act()).await.unwrap();
        assert_eq!(store.users().find(ann.id).await.unwrap(), Some(ann));
        let twice = store.users().redeem_first("secret", START, &user("eve@example.org"), "h", act()).await;
        assert!(matches!(twice, Err(StoreError::NotFound { .. })));
        store.users().put_link(&link("another", None)).await.unwrap();
        let second = store.users().redeem_first("another", START, &user("eve@example.org"), "h", act()).await;
        assert!(matches!(second, Err(StoreError::Conflict { .. })));
        assert!(store.users().has_admin().await.unwrap());
        assert_eq!(store.users().list().await.unwrap().len(), 2);
    }

    async fn a_password_link_works_once_and_for_its_person_only(store) {
        let (ann, bob) = (user("ann@example.org"), user("bob@example.org"));
        store.users().insert(&ann, None, None, act()).await.unwrap();
        store.users().insert(&bob, None, None, act()).await.unwrap();
        store.users().put_link(&link("for ann", Some(&ann))).await.unwrap();
        store.users().put_link(&link("for bob", Some(&bob))).await.unwrap();
        let as_first = store.users().redeem_first("for ann", START, &user("e@v.e"), "h", act()).await;
        assert!(matches!(as_first, Err(StoreError::NotFound { .. })));
        let who = store.users().redeem_password("for ann", START, "ann's", act()).await.unwrap();
        assert_eq!(who.user.id, ann.id);
        let again = store.users().redeem_password("for ann", START, "eve's", act()).await;
        assert!(matches!(again, Err(StoreError::NotFound { .. })));
        let hash = store.users().credentials(ann.id).await.unwrap().unwrap().password_hash;
        assert_eq!(hash.as_deref(), Some("ann's"));
        assert!(store.users().find_link("for bob", START).await.unwrap().is_some());
    }

    async fn a_session_lives_until_it_expires(store) {
        let session = SessionRow { id: "s1".into(), data: vec![0, 255, 7], expires: START.plus_ms(10) };
        assert!(store.sessions().create(&session).await.unwrap());
        assert!(!store.sessions().create(&session).await.unwrap(), "the id is taken");
        assert_eq!(store.sessions().load("s1", START).await.unwrap(), Some(session.clone()));
        assert_eq!(store.sessions().load("s1", START.plus_ms(10)).await.unwrap(), None);
        let longer = SessionRow { data: vec![1], expires: START.plus_ms(20), ..session.clone() };
        store.sessions().save(&longer).await.unwrap();
        assert_eq!(store.sessions().load("s1", START.plus_ms(10)).await.unwrap(), Some(longer));
        let other = SessionRow { id: "s2".into(), ..session };
        store.sessions().save(&other).await.unwrap();
        assert_eq!(store.sessions().delete_expired(START.plus_ms(10)).await.unwrap(), 1);
        store.sessions().delete("s1").await.unwrap();
        store.sessions().delete("s1").await.unwrap();
        assert_eq!(store.sessions().load("s1", START).await.unwrap(), None);
    }

    async fn a_token_is_found_by_its_hash_until_it_is_revoked(store) {
        let token = Token { id: id::<TokenId>(), name: "ci".into(), role: Role::Reviewer, created: START, last_used: None, owner: None, expires: None };
        store.tokens().insert(&token, "h1", act()).await.unwrap();
        let same = store.tokens().insert(&Token { id: id(), ..token.clone() }, "h1", act()).await;
        assert!(matches!(same, Err(StoreError::Conflict { .. })));
        store.tokens().touch(token.id, START.plus_ms(3)).await.unwrap();
        let found = store.tokens().find_by_hash("h1").await.unwrap().unwrap().token;
        assert_eq!(found, Token { last_used: Some(START.plus_ms(3)), ..token.clone() });
        assert_eq!(store.tokens().list().await.unwrap(), vec![found]);
        store.tokens().delete(token.id, act()).await.unwrap();
        assert_eq!(store.tokens().find_by_hash("h1").await.unwrap(), None);
        assert!(matches!(store.tokens().delete(token.id, act()).await, Err(StoreError::NotFound { .. })));
    }

    async fn a_token_comes_with_what_its_owner_may_do_now(store) {
        let ann = user("ann@example.org");
        store.users().insert(&ann, None, None, act()).await.unwrap();
        store.users().insert(&user("bob@example.org"), None, None, act()).await.unwrap();
        let owner = Some(TokenOwner { id: ann.id, email: ann.email.clone() });
        let expires = Some(START.plus_ms(9));
        let token = Token { id: id::<TokenId>(), name: "ci".into(), role: Role::Admin, created: START, last_used: None, owner, expires };
        store.tokens().insert(&token, "h1", act()).await.unwrap();
        let owner_role = || async { store.tokens().find_by_hash("h1").await.unwrap().unwrap().owner_role };
        assert_eq!(store.tokens().find(token.id).await.unwrap(), Some(token.clone()));
        assert_eq!(owner_role().await, Some(Role::Admin));
        store.users().change(ann.id, Some((Role::Viewer, act())), None).await.unwrap();
        assert_eq!(owner_role().await, Some(Role::Viewer));
        store.users().change(ann.id, None, Some((true, act()))).await.unwrap();
        assert_eq!(owner_role().await, None);
        let orphan = Token { id: id(), owner: Some(TokenOwner { id: id(), email: "gone".into() }), ..token };
        store.tokens().insert(&orphan, "h2", act()).await.unwrap();
        assert_eq!(store.tokens().find_by_hash("h2").await.unwrap().unwrap().owner_role, None);
    }

    async fn of_two_admins_who_demote_each_other_one_stays(store) {
        let (ann, bob) = (user("ann@example.org"), user("bob@example.org"));
        for person in [&ann, &bob] {
            store.users().insert(person, None, None, act()).await.unwrap();
        }
        for round in 0..20 {
            let (users, other) = (store.users(), store.users());
            let changes = if round % 2 == 0 {
                tokio::join!(users.change(ann.id, Some((Role::Viewer, act())), None), other.change(bob.id, Some((Role::Viewer, act())), None))
            } else {
                tokio::join!(users.change(ann.id, None, Some((true, act()))), other.change(bob.id, None, Some((true, act()))))
            };
            let refused = [&changes.0, &changes.1].into_iter().filter(|done| matches!(done, Err(StoreError::Conflict { .. })));
            assert_eq!(refused.count(), 1, "{changes:?}");
            assert!(store.users().has_admin().await.unwrap());
            for person in [&ann, &bob] {
                store.users().change(person.id, Some((Role::Admin, act())), None).await.unwrap();
                store.users().change(person.id, None, Some((false, act()))).await.unwrap();
            }
        }
        store.users().change(ann.id, Some((Role::Viewer, act())), None).await.unwrap();
        store.users().change(ann.id, Some((Role::Reviewer, act())), None).await.unwrap();
        assert!(store.users().change(bob.id, None, Some((true, act()))).await.is_err());
    }

    async fn a_disabled_admin_is_none_to_set_up_by(store) {
        let (ann, bob) = (user("ann@example.org"), user("bob@example.org"));
        for person in [&ann, &bob] {
            store.users().insert(person, None, None, act()).await.unwrap();
        }
        store.users().change(ann.id, None, Some((true, act()))).await.unwrap();
        assert!(store.users().has_admin().await.unwrap());
        // Nobody can do this by the product; a file from elsewhere can have it.
        assert!(store.users().change(bob.id, None, Some((true, act()))).await.is_err());
    }

    async fn a_change_and_its_entry_are_there_together_or_not_at_all(store) {
        let ann = user("ann@example.org");
        store.users().insert(&ann, None, None, Act::new(by("root"), "user.add", json!({ "role": "admin" }))).await.unwrap();
        let again = store.users().insert(&user("ann@example.org"), None, None, act()).await;
        assert!(again.is_err());
        assert!(store.users().change(ann.id, Some((Role::Viewer, act())), None).await.is_err(), "the last admin");
        assert!(store.tokens().delete(id(), act()).await.is_err());
        let log = store.audit().page(&PageRequest::default()).await.unwrap().items;
        let told: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str(), entry.actor.as_str())).collect();
        assert_eq!(told, [("user.add", "ann@example.org", "root")]);
    }

    async fn a_network_is_known_by_the_sign_ins_from_it(store) {
        let ann = user("ann@example.org");
        let from = |address: &str| Act::new(by("ann"), "user.sign_in", json!({ "address": address }));
        store.users().signed_in(&ann, from("192.0.2.7")).await.unwrap();
        let known = |email: &'static str, address: &'static str, since| async move {
            store.users().signed_in_from(email, address, since).await.unwrap()
        };
        assert!(known("ann@example.org", "192.0.2.7", START).await);
        assert!(!known("ann@example.org", "192.0.2.8", START).await);
        assert!(!known("bob@example.org", "192.0.2.7", START).await);
        assert!(!known("ann@example.org", "192.0.2.7", START.plus_ms(1)).await);
    }

    async fn the_audit_log_is_read_in_pages_from_the_latest(store) {
        for number in 0..5 {
            let entry = NewAudit {
                at: START.plus_ms(number),
                actor: "ann".into(),
                action: "deployment.create".into(),
                subject: number.to_string(),
                detail: "{}".into(),
            };
            store.audit().append(entry).await.unwrap();
        }
        let mut request = PageRequest { limit: Some(2), cursor: None };
        let mut subjects = Vec::new();
        loop {
            let page = store.audit().page(&request).await.unwrap();
            subjects.extend(page.items.into_iter().map(|entry| entry.subject));
            match page.next_cursor {
                Some(cursor) => request.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!(subjects, ["4", "3", "2", "1", "0"]);
        let foreign = PageRequest { limit: None, cursor: Some("nonsense".into()) };
        assert!(matches!(store.audit().page(&foreign).await, Err(StoreError::InvalidCursor)));
    }

    async fn a_setting_is_replaced(store) {
        assert_eq!(store.settings().find("retention").await.unwrap(), None);
        store.settings().put("retention", &json!({"days": 30}), START).await.unwrap();
        store.settings().put("retention", &json!({"days": 90, "note": "ü"}), START).await.unwrap();
        assert_eq!(store.settings().find("retention").await.unwrap(), Some(json!({"days": 90, "note": "ü"})));
    }
}
