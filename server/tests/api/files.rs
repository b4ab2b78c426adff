//! Files as they come: sound ones in every dress, broken ones, huge ones.

use crate::bed::{Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::{Body, Bytes},
    http::{Request, header},
};
use futures::stream;
use std::{convert::Infallible, path::Path};

fn predict_path() -> String {
    format!("/api/v1/deployments/{DEPLOYMENT}/predict")
}

#[tokio::test]
async fn a_predicted_image_is_stored_with_its_boxes_and_can_be_looked_at() {
    let bed = Bed::new().await;
    let file = jpeg(64, 48);
    let prediction = bed.predict(file.clone()).await.json();
    assert_eq!((&prediction["width"], &prediction["height"]), (&64.into(), &48.into()));
    assert_eq!(prediction["objects"], 1);
    assert_eq!(prediction["boxes"].as_array().expect("boxes").len(), 2);
    let url = prediction["image_url"].as_str().expect("an address");
    let image = bed.get(url, &bed.viewer).await;
    assert_eq!(image.bytes, file);
    assert_eq!(image.header(header::CONTENT_TYPE), "image/jpeg");
    assert_eq!(image.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(image.header(header::CONTENT_SECURITY_POLICY), "sandbox; default-src 'none'");
    assert!(
        image.header(header::CACHE_CONTROL).starts_with("private")
            && image.header(header::CACHE_CONTROL).starts_with("private")
    );
    let again =
        with_token(Request::get(url), &bed.viewer).header(header::IF_NONE_MATCH, image.header(header::ETAG));
    let again = bed.send(again.body(Body::empty()).expect("a request")).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    let thumb = bed.get(&format!("{url}?size=thumb"), &bed.viewer).await;
    assert_eq!((thumb.status.as_u16(), thumb.header(header::CONTENT_TYPE)), (200, "image/jpeg"));
    bed.get(&format!("{url}?size=huge"), &bed.viewer).await.problem(400);
}

/// A PNG of one colour at half opacity.
fn half_transparent(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbaImage::from_pixel(width, height, image::Rgba([200, 0, 0, 128]));
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("a file");
    bytes.into_inner()
}

#[tokio::test]
async fn a_plain_image_is_the_file_or_a_copy_that_browsers_show_alike() {
    let bed = Bed::new().await;
    let sent = jpeg(64, 48);
    let prediction = bed.predict(sent.clone()).await.json();
    let url = prediction["image_url"].as_str().expect("an address");
    let plain = bed.get(&format!("{url}?size=plain"), &bed.viewer).await;
    assert_eq!((plain.status.as_u16(), plain.bytes == sent), (200, true));

    let sent = half_transparent(64, 48);
    let prediction = bed.predict(sent.clone()).await.json();
    let url = prediction["image_url"].as_str().expect("an address");
    assert_eq!(bed.get(url, &bed.viewer).await.bytes, sent);
    let plain = bed.get(&format!("{url}?size=plain"), &bed.viewer).await;
    assert_eq!(plain.header(header::CONTENT_TYPE), "image/png");
    let seen = image::load_from_memory(&plain.bytes).expect("a picture");
    assert_eq!((seen.color(), seen.width(), seen.height()), (image::ColorType::Rgb8, 64, 48));
    assert_eq!(seen.to_rgb8().get_pixel(5, 5).0, [227, 127, 127]);
}

#[tokio::test]
async fn what_is_sent_in_place_of_an_image_is_named_before_it_is_read() {
    let bed = Bed::new().await;
    for (bytes, word) in [
        (&b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
        (b"/9j/4AAQSkZJRgABAQAAAQABAAD", "base64"),
        (b"<!DOCTYPE html><html></html>", "web page"),
    ] {
        let answer = bed.predict(bytes.to_vec()).await;
        assert!(answer.text().contains(word), "{}", answer.text());
        answer.problem(415);
    }
}

#[tokio::test]
async fn a_form_carries_the_image_and_what_is_said_about_it() {
    let bed = Bed::new().await;
    let mut form = Vec::new();
    for (name, value) in
        [("source", "camera-3"), ("tags", "night,rain"), ("metadata", r#"{"lens":"50","n":3}"#)]
    {
        form.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    form.extend(b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"../../a b.jpg\"\r\n\r\n");
    form.extend(jpeg(40, 30));
    form.extend(b"\r\n--b--\r\n");
    let request = with_token(Request::post(predict_path()), &bed.reviewer)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let answer = bed.send(request.body(Body::from(form)).expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let prediction = answer.json();
    assert_eq!(prediction["source"], "camera-3");
    assert_eq!(prediction["tags"], serde_json::json!(["night", "rain"]));
    assert_eq!(prediction["metadata"], serde_json::json!({ "lens": "50", "n": "3" }));
}

#[tokio::test]
async fn without_monitoring_nothing_is_stored() {
    let bed = Bed::new().await;
    let request = with_token(Request::post(format!("{}?monitor=false", predict_path())), &bed.reviewer);
    let answer = bed.send(request.body(Body::from(jpeg(40, 30))).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["objects"]), (200, &1.into()));
    assert_eq!(bed.count().await, 0);
}

#[tokio::test]
async fn what_is_no_image_gets_a_problem_and_leaves_nothing_behind() {
    let bed = Bed::new().await;
    let sound = jpeg(200, 150);
    let half = sound[..sound.len() / 2].to_vec();
    let head = sound[..20].to_vec();
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases: [(&str, Vec<u8>, &[u16]); 8] = [
        ("nothing", Vec::new(), &[400, 415]),
        ("text", b"hello".to_vec(), &[415]),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec(), &[415]),
        ("a GIF of nothing", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(), &[400]),
        ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), &[415]),
        ("noise", noise, &[415]),
        ("half a JPEG", half, &[400]),
        ("the head of a JPEG", head, &[400]),
    ];
    for (what, bytes, statuses) in cases {
        let answer = bed.predict(bytes).await;
        assert!(statuses.contains(&answer.status.as_u16()), "{what}: {}", answer.text());
        answer.problem(answer.status.as_u16());
    }
    assert_eq!(bed.count().await, 0);
}

/// A PNG header that promises more pixels than any memory has.
#[tokio::test]
async fn an_image_of_too_many_pixels_is_refused_before_it_is_decoded() {
    let bed = Bed::new().await;
    let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    png.extend(60_000_u32.to_be_bytes());
    png.extend(60_000_u32.to_be_bytes());
    png.extend(b"\x08\x02\x00\x00\x00");
    let mut crc = 0xFFFF_FFFF_u32;
    for byte in &png[12..] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    png.extend((!crc).to_be_bytes());
    bed.predict(png).await.problem(413);
    assert_eq!(bed.count().await, 0);
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_with_and_without_an_announced_length() {
    let bed = Bed::new().await;
    let announced = with_token(Request::post(predict_path()), &bed.reviewer)
        .header(header::CONTENT_LENGTH, 100 * 1024 * 1024)
        .body(Body::empty());
    bed.send(announced.expect("a request")).await.problem(413);

    // A sound beginning, so that only the size can be what is wrong.
    let first = Bytes::from(jpeg(64, 48));
    let chunk = Bytes::from(vec![0_u8; 1024 * 1024]);
    let rest = std::iter::repeat_n(chunk, 100);
    let chunks = std::iter::once(first).chain(rest).map(Ok::<_, Infallible>);
    let streamed = with_token(Request::post(predict_path()), &bed.reviewer)
        .body(Body::from_stream(stream::iter(chunks)));
    bed.send(streamed.expect("a request")).await.problem(413);
    assert_eq!(bed.count().await, 0);
}

/// The set of broken and unusual files, where it is at hand.
#[tokio::test]
async fn every_file_of_the_broken_set_either_works_or_gets_a_problem() {
    let bed = Bed::new().await;
    let Some(data) = std::env::var_os("FOVEA_DATA") else {
        // Without the set: one sound and one broken file of our own.
        assert_eq!(bed.predict(jpeg(33, 17)).await.status, 200);
        bed.predict(b"\xFF\xD8\xFF\xE0 and then nothing of a JPEG".to_vec()).await.problem(400);
        assert_eq!(bed.count().await, 1);
        return;
    };
    let mut stored = 0;
    for entry in std::fs::read_dir(Path::new(&data).join("broken")).expect("the set") {
        let path = entry.expect("an entry").path();
        if !path.is_file() {
            continue;
        }
        let answer = bed.predict(std::fs::read(&path).expect("a file")).await;
        if answer.status == 200 {
            stored += 1;
        } else {
            assert!(answer.status.is_client_error(), "{}: {}", path.display(), answer.text());
            answer.problem(answer.status.as_u16());
        }
        assert_eq!(bed.count().await, stored, "{}", path.display());
    }
    assert!(stored > 0, "not one of the unusual files worked");
}
