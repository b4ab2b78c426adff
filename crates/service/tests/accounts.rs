//! People and tokens.

use domain::{
    access::Role,
    fault::{ApiError, ErrorKind},
};
use test_support::{TestService, actor, admin};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn the_first_link_makes_an_admin_once_and_then_no_more() {
    let test = TestService::new().await;
    let link = test.service.setup_link().await.expect("answers").expect("nobody has an account");
    let person = test.service.redeem_setup(&link.secret, "Ada@Lab.example", PASSWORD).await.expect("redeems");
    assert_eq!((person.user.email.as_str(), person.user.role), ("ada@lab.example", Role::Admin));
    assert_eq!(
        test.service.sign_in("ada@lab.example ", PASSWORD).await.expect("signs in").user.id,
        person.user.id
    );
    assert_eq!(test.service.setup_link().await.expect("answers"), None);
    let again = test.service.redeem_setup(&link.secret, "eve@lab.example", PASSWORD).await;
    assert_eq!(ApiError::from(again.expect_err("used")).kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_link_is_worth_nothing_after_a_day() {
    let test = TestService::new().await;
    let link = test.service.setup_link().await.expect("answers").expect("nobody has an account");
    test.clock.advance_ms(24 * 3_600_000 + 1);
    assert!(test.service.redeem_setup(&link.secret, "ada@lab.example", PASSWORD).await.is_err());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_told_the_same() {
    let test = TestService::new().await;
    let link = test.service.setup_link().await.expect("answers").expect("nobody has an account");
    test.service.redeem_setup(&link.secret, "ada@lab.example", PASSWORD).await.expect("redeems");
    let wrong = ApiError::from(test.service.sign_in("ada@lab.example", "wrong").await.expect_err("wrong"));
    let unknown =
        ApiError::from(test.service.sign_in("eve@lab.example", PASSWORD).await.expect_err("unknown"));
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn the_last_admin_cannot_be_demoted_or_locked_out() {
    let test = TestService::new().await;
    let link = test.service.setup_link().await.expect("answers").expect("nobody has an account");
    let ada =
        test.service.redeem_setup(&link.secret, "ada@lab.example", PASSWORD).await.expect("redeems").user;
    assert!(test.service.set_role(&admin(), ada.id, Role::Viewer).await.is_err());
    assert!(test.service.disable_user(&admin(), ada.id, true).await.is_err());
    let (bob, _) = test.service.add_user(&admin(), "bob@lab.example", Role::Admin).await.expect("adds");
    test.service.disable_user(&admin(), ada.id, true).await.expect("Bob remains");
    assert!(test.service.sign_in("ada@lab.example", PASSWORD).await.is_err());
    assert_eq!(test.service.signed_in(ada.id).await.expect("answers"), None);
    assert!(test.service.set_role(&admin(), bob.id, Role::Reviewer).await.is_err());
}

#[tokio::test]
async fn a_token_opens_the_door_until_it_is_revoked() {
    let test = TestService::new().await;
    let made = test.service.create_token(&admin(), "line 4", Role::Reviewer).await.expect("makes");
    let who = test.service.authenticate_token(&made.secret).await.expect("opens");
    assert_eq!((who.role, who.display_name().as_str()), (Role::Reviewer, "token line 4"));
    assert!(test.service.authenticate_token("fovea_guess").await.is_err());
    test.service.revoke_token(&admin(), made.token.id).await.expect("revokes");
    assert!(test.service.authenticate_token(&made.secret).await.is_err());
}

#[tokio::test]
async fn only_admins_manage_people_and_tokens_and_every_change_is_recorded() {
    let test = TestService::new().await;
    for role in [Role::Viewer, Role::Reviewer] {
        let refused = test.service.create_token(&actor(role), "x", Role::Admin).await.expect_err("refused");
        assert_eq!(ApiError::from(refused).kind, ErrorKind::Forbidden);
        assert!(test.service.users(&actor(role)).await.is_err());
        assert!(test.service.audit(&actor(role), Default::default()).await.is_err());
    }
    test.service.create_token(&admin(), "x", Role::Viewer).await.expect("makes");
    let log = test.service.audit(&admin(), Default::default()).await.expect("reads");
    let actions: Vec<_> = log.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["token.create"]);
}
