//! People and tokens.

use domain::{
    access::{Actor, AuditEntry, Role, User},
    fault::{ApiError, ErrorKind},
    page::PageRequest,
};
use service::{Admin, Anyone, As, Internal, TokenRequest};
use std::net::IpAddr;
use test_support::{TestService, actor, admin};

const PASSWORD: &str = "correct horse battery";
const DAY_MS: i64 = 24 * 3_600_000;

fn home() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}

fn token(name: &str, role: Role) -> TokenRequest {
    TokenRequest { name: name.to_owned(), role, expires: None }
}

fn as_admin(actor: &Actor) -> As<Admin> {
    As::check(actor).expect("the role reaches")
}

/// The first admin, with the usual password.
async fn ada(test: &TestService) -> User {
    let link =
        test.service.people().setup_link(Anyone).await.expect("answers").expect("nobody has an account");
    test.service
        .people()
        .redeem_setup(Anyone, &link.secret, "ada@lab.example", PASSWORD)
        .await
        .expect("redeems")
        .user
}

async fn log_of(test: &TestService, action: &str) -> Vec<AuditEntry> {
    let log = test.service.people().audit(&admin(), PageRequest::default()).await.expect("reads");
    log.items.into_iter().filter(|entry| entry.action == action).collect()
}

#[tokio::test]
async fn guessing_at_an_account_has_an_end_and_keeps_nobody_out_for_ever() {
    let test = TestService::new().await;
    ada(&test).await;
    let network = |number: u8| IpAddr::from([198, 51, 100, number]);
    test.service.people().sign_in(Anyone, "ada@lab.example", PASSWORD, home()).await.expect("signs in");
    let mut tried = 0;
    for number in 0..60 {
        let kind = match test
            .service
            .people()
            .sign_in(Anyone, "ada@lab.example", "guess guess", network(number))
            .await
        {
            Err(error) => ApiError::from(error).kind,
            Ok(_) => panic!("guessed"),
        };
        tried += usize::from(kind == ErrorKind::Unauthenticated);
        assert!(kind == ErrorKind::Unauthenticated || kind == ErrorKind::Busy, "{kind:?}");
    }
    assert_eq!(tried, 10, "wherever the guesses come from");
    let elsewhere = test
        .service
        .people()
        .sign_in(Anyone, "ada@lab.example", PASSWORD, network(99))
        .await
        .expect_err("too many");
    assert_eq!(ApiError::from(elsewhere).kind, ErrorKind::Busy);
    for _ in 0..30 {
        test.service
            .people()
            .sign_in(Anyone, "ada@lab.example", PASSWORD, home())
            .await
            .expect("she is known there");
    }
    test.clock.advance_ms(30_000);
    test.service
        .people()
        .sign_in(Anyone, "ada@lab.example", PASSWORD, network(99))
        .await
        .expect("a try has come back");
}

#[tokio::test]
async fn an_account_that_is_not_there_is_limited_like_one_that_is() {
    let test = TestService::new().await;
    ada(&test).await;
    let mut kinds = [Vec::new(), Vec::new()];
    for _ in 0..12 {
        for (email, kinds) in ["ada@lab.example", "eve@lab.example"].into_iter().zip(&mut kinds) {
            let refused = test
                .service
                .people()
                .sign_in(Anyone, email, "guess guess", home())
                .await
                .expect_err("refused");
            kinds.push(ApiError::from(refused));
        }
    }
    assert_eq!(kinds[0], kinds[1]);
}

#[tokio::test]
async fn sign_ins_and_their_failures_are_recorded_and_guessing_does_not_flood_the_log() {
    let test = TestService::new().await;
    let ada = ada(&test).await;
    test.service.people().sign_in(Anyone, "ada@lab.example", PASSWORD, home()).await.expect("signs in");
    test.service.people().signed_out(&as_admin(&Actor::user(&ada))).await.expect("signs out");
    let [sign_in] = &log_of(&test, "user.sign_in").await[..] else { panic!("one sign-in") };
    assert_eq!((sign_in.actor.as_str(), sign_in.subject.as_str()), ("ada@lab.example", "ada@lab.example"));
    assert!(sign_in.detail.contains("192.0.2.7"), "{}", sign_in.detail);
    assert_eq!(log_of(&test, "user.sign_out").await.len(), 1);
    for _ in 0..8 {
        let guess =
            test.service.people().sign_in(Anyone, "eve\u{202e}\u{1b}@lab.example", "guess", home()).await;
        assert!(guess.is_err());
    }
    let [failed] = &log_of(&test, "user.sign_in_failed").await[..] else { panic!("one entry") };
    assert_eq!(failed.subject, "eve\\u{202e}\\u{1b}@lab.example");
    assert!(
        failed.detail.contains("\"times\":8") && failed.detail.contains("192.0.2.7"),
        "{}",
        failed.detail
    );
    let long = "x".repeat(100_000);
    assert!(test.service.people().sign_in(Anyone, &long, "guess", home()).await.is_err());
    assert!(log_of(&test, "user.sign_in_failed").await.iter().all(|entry| entry.subject.len() <= 100));
}

#[tokio::test]
async fn a_token_is_worth_what_its_owner_is() {
    let test = TestService::new().await;
    let ada = ada(&test).await;
    let (bob, _) =
        test.service.people().add_user(&admin(), "bob@lab.example", Role::Admin).await.expect("adds");
    let bobs = as_admin(&Actor::user(&bob));
    let root = test.service.people().create_token(&bobs, token("root", Role::Admin)).await.expect("makes");
    let low = test.service.people().create_token(&bobs, token("low", Role::Viewer)).await.expect("makes");
    let as_root = test.service.people().authenticate_token(Anyone, &root.secret).await.expect("opens");
    let child = test
        .service
        .people()
        .create_token(&as_admin(&as_root), token("child", Role::Reviewer))
        .await
        .expect("makes");
    let opens = async |secret: &str| test.service.people().authenticate_token(Anyone, secret).await.is_ok();
    for made in [&root, &low, &child] {
        assert_eq!(made.token.owner.as_ref().map(|owner| owner.email.as_str()), Some("bob@lab.example"));
    }
    test.service
        .people()
        .change_user(&as_admin(&Actor::user(&ada)), bob.id, Some(Role::Viewer), None)
        .await
        .expect("demotes");
    assert_eq!(
        (opens(&root.secret).await, opens(&child.secret).await, opens(&low.secret).await),
        (false, false, true)
    );
    test.service
        .people()
        .change_user(&as_admin(&Actor::user(&ada)), bob.id, None, Some(true))
        .await
        .expect("disables");
    assert!(!opens(&low.secret).await);
    let refused = test.service.people().authenticate_token(Anyone, &low.secret).await.expect_err("refused");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Unauthenticated);
    let machine =
        test.service.people().create_token(&As::system(), token("cli", Role::Admin)).await.expect("makes");
    assert!(machine.token.owner.is_none() && opens(&machine.secret).await);
}

#[tokio::test]
async fn a_token_ends_when_it_was_said_to_and_makes_none_that_lives_longer() {
    let test = TestService::new().await;
    let ninety = TokenRequest { expires: Some("90d".to_owned()), ..token("short", Role::Admin) };
    let made = test.service.people().create_token(&As::system(), ninety.clone()).await.expect("makes");
    let who = test.service.people().authenticate_token(Anyone, &made.secret).await.expect("opens");
    for expires in [None, Some("91d".to_owned())] {
        let longer = TokenRequest { expires, ..token("longer", Role::Viewer) };
        assert!(test.service.people().create_token(&as_admin(&who), longer).await.is_err());
    }
    test.service.people().create_token(&as_admin(&who), ninety).await.expect("as long");
    for expires in ["0d", "yesterday", "1970-01-01T00:00:00Z", "99999d"] {
        let wrong = TokenRequest { expires: Some(expires.to_owned()), ..token("wrong", Role::Viewer) };
        let refused =
            ApiError::from(test.service.people().create_token(&admin(), wrong).await.expect_err("refused"));
        assert_eq!(
            (refused.kind, refused.place.as_deref()),
            (ErrorKind::Invalid, Some("expires")),
            "{expires}"
        );
    }
    test.clock.advance_ms(90 * DAY_MS - 1);
    assert!(test.service.people().authenticate_token(Anyone, &made.secret).await.is_ok());
    test.clock.advance_ms(1);
    assert!(test.service.people().authenticate_token(Anyone, &made.secret).await.is_err());
}

#[tokio::test]
async fn what_is_over_is_forgotten_and_the_log_only_when_told_to() {
    let test = TestService::new().await;
    ada(&test).await;
    test.clock.advance_ms(2_000 * DAY_MS);
    test.service.jobs().delete_old_rows(Internal, 0).await.expect("prunes");
    assert_eq!(log_of(&test, "user.set_password").await.len(), 1);
    test.service.jobs().delete_old_rows(Internal, 1_999).await.expect("prunes");
    assert!(log_of(&test, "user.set_password").await.is_empty());
}

#[tokio::test]
async fn the_first_link_makes_an_admin_once_and_then_no_more() {
    let test = TestService::new().await;
    let link =
        test.service.people().setup_link(Anyone).await.expect("answers").expect("nobody has an account");
    let person = test
        .service
        .people()
        .redeem_setup(Anyone, &link.secret, "Ada@Lab.example", PASSWORD)
        .await
        .expect("redeems");
    assert_eq!((person.user.email.as_str(), person.user.role), ("ada@lab.example", Role::Admin));
    assert_eq!(
        test.service
            .people()
            .sign_in(Anyone, "ada@lab.example ", PASSWORD, home())
            .await
            .expect("signs in")
            .user
            .id,
        person.user.id
    );
    assert_eq!(test.service.people().setup_link(Anyone).await.expect("answers"), None);
    let again = test.service.people().redeem_setup(Anyone, &link.secret, "eve@lab.example", PASSWORD).await;
    assert_eq!(ApiError::from(again.expect_err("used")).kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_link_is_worth_nothing_after_a_day() {
    let test = TestService::new().await;
    let link =
        test.service.people().setup_link(Anyone).await.expect("answers").expect("nobody has an account");
    test.clock.advance_ms(24 * 3_600_000 + 1);
    assert!(
        test.service.people().redeem_setup(Anyone, &link.secret, "ada@lab.example", PASSWORD).await.is_err()
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_told_the_same() {
    let test = TestService::new().await;
    let link =
        test.service.people().setup_link(Anyone).await.expect("answers").expect("nobody has an account");
    test.service
        .people()
        .redeem_setup(Anyone, &link.secret, "ada@lab.example", PASSWORD)
        .await
        .expect("redeems");
    let wrong = ApiError::from(
        test.service.people().sign_in(Anyone, "ada@lab.example", "wrong", home()).await.expect_err("wrong"),
    );
    let unknown = ApiError::from(
        test.service
            .people()
            .sign_in(Anyone, "eve@lab.example", PASSWORD, home())
            .await
            .expect_err("unknown"),
    );
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn the_last_admin_cannot_be_demoted_or_locked_out() {
    let test = TestService::new().await;
    let link =
        test.service.people().setup_link(Anyone).await.expect("answers").expect("nobody has an account");
    let ada = test
        .service
        .people()
        .redeem_setup(Anyone, &link.secret, "ada@lab.example", PASSWORD)
        .await
        .expect("redeems")
        .user;
    assert!(test.service.people().change_user(&admin(), ada.id, Some(Role::Viewer), None).await.is_err());
    assert!(test.service.people().change_user(&admin(), ada.id, None, Some(true)).await.is_err());
    let (bob, _) =
        test.service.people().add_user(&admin(), "bob@lab.example", Role::Admin).await.expect("adds");
    test.service.people().change_user(&admin(), ada.id, None, Some(true)).await.expect("Bob remains");
    assert!(test.service.people().sign_in(Anyone, "ada@lab.example", PASSWORD, home()).await.is_err());
    assert_eq!(test.service.people().signed_in(Anyone, ada.id).await.expect("answers"), None);
    assert!(test.service.people().change_user(&admin(), bob.id, Some(Role::Reviewer), None).await.is_err());
}

#[tokio::test]
async fn a_token_opens_the_door_until_it_is_revoked() {
    let test = TestService::new().await;
    let made = test
        .service
        .people()
        .create_token(&As::system(), token("line 4", Role::Reviewer))
        .await
        .expect("makes");
    let who = test.service.people().authenticate_token(Anyone, &made.secret).await.expect("opens");
    assert_eq!((who.role, who.display_name().as_str()), (Role::Reviewer, "token line 4"));
    assert!(test.service.people().authenticate_token(Anyone, "fovea_guess").await.is_err());
    test.service.people().revoke_token(&admin(), made.token.id).await.expect("revokes");
    assert!(test.service.people().authenticate_token(Anyone, &made.secret).await.is_err());
}

#[tokio::test]
async fn only_admins_manage_people_and_tokens_and_every_change_is_recorded() {
    let test = TestService::new().await;
    for role in [Role::Viewer, Role::Reviewer] {
        let refused = As::<Admin>::check(&actor(role)).expect_err("refused");
        assert_eq!(ApiError::from(refused).kind, ErrorKind::Forbidden);
    }
    test.service.people().create_token(&admin(), token("x", Role::Viewer)).await.expect("makes");
    let log = test.service.people().audit(&admin(), Default::default()).await.expect("reads");
    let actions: Vec<_> = log.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["token.create"]);
}
