//! Sound inputs, small and of every kind that is read.

use image::{
    DynamicImage, ExtendedColorType, ImageBuffer, ImageEncoder, ImageFormat, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
};
use std::io::Cursor;

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 9) as u8, (y * 13) as u8, (x * y) as u8]))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

/// 20 by 10 pixels, in one of two colours.
pub(crate) fn small_png(is_dark: bool) -> Vec<u8> {
    let value = if is_dark { 9 } else { 200 };
    encoded(&DynamicImage::from(RgbImage::from_pixel(20, 10, Rgb([value; 3]))), ImageFormat::Png)
}

pub(crate) fn jpegs() -> Vec<Vec<u8>> {
    let coloured = DynamicImage::from(picture(33, 17));
    let mut samples = vec![
        encoded(&coloured, ImageFormat::Jpeg),
        encoded(&DynamicImage::from(coloured.to_luma8()), ImageFormat::Jpeg),
        include_bytes!("../samples/progressive.jpg").to_vec(),
        include_bytes!("../samples/subsampled.jpg").to_vec(),
    ];
    let mut coarse = Vec::new();
    JpegEncoder::new_with_quality(&mut coarse, 5).encode_image(&picture(64, 8)).expect("encodes");
    // Turned, by an EXIF segment behind the first marker.
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    coarse.splice(2..2, exif.iter().copied());
    samples.push(coarse);
    samples
}

pub(crate) fn pngs() -> Vec<Vec<u8>> {
    let coloured = DynamicImage::from(picture(19, 11));
    let deep: ImageBuffer<Rgb<u16>, Vec<u16>> = ImageBuffer::from_pixel(5, 4, Rgb([1, 700, 65_000]));
    let images = [
        coloured.clone(),
        DynamicImage::from(coloured.to_luma8()),
        DynamicImage::from(coloured.to_luma_alpha8()),
        DynamicImage::from(coloured.to_rgba8()),
        DynamicImage::from(deep),
    ];
    let mut samples: Vec<Vec<u8>> = images.iter().map(|image| encoded(image, ImageFormat::Png)).collect();
    samples.push(include_bytes!("../samples/interlaced.png").to_vec());
    samples.push(include_bytes!("../samples/palette.png").to_vec());
    samples
}

pub(crate) fn webps() -> Vec<Vec<u8>> {
    let lossless = |image: &DynamicImage| {
        let rgba = image.to_rgba8();
        let mut bytes = Vec::new();
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        encoder.write_image(&rgba, rgba.width(), rgba.height(), ExtendedColorType::Rgba8).expect("encodes");
        bytes
    };
    vec![
        lossless(&DynamicImage::from(picture(23, 14))),
        include_bytes!("../samples/lossy.webp").to_vec(),
        include_bytes!("../samples/lossy-alpha.webp").to_vec(),
        include_bytes!("../samples/lossless-groups.webp").to_vec(),
        include_bytes!("../samples/animated.webp").to_vec(),
    ]
}

pub(crate) fn tiffs() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../samples/lzw.tif").to_vec(),
        include_bytes!("../samples/deflate.tif").to_vec(),
        include_bytes!("../samples/packbits-palette.tif").to_vec(),
        include_bytes!("../samples/bilevel.tif").to_vec(),
        include_bytes!("../samples/rgba.tif").to_vec(),
    ]
}

pub(crate) fn bmps() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../samples/rgb.bmp").to_vec(),
        include_bytes!("../samples/palette.bmp").to_vec(),
        include_bytes!("../samples/rgba.bmp").to_vec(),
    ]
}

pub(crate) fn gifs() -> Vec<Vec<u8>> {
    vec![include_bytes!("../samples/still.gif").to_vec(), include_bytes!("../samples/moving.gif").to_vec()]
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn cocos() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3.5, 4], "iscrowd": 0}],
            "categories": [{"id": 3, "name": "cat"}]}"#,
        r#"{"images": [{"id": "a", "file_name": "2.png", "split": "val"}, {"id": 2, "file_name": "images/1.png"}],
            "annotations": [{"image_id": "a", "category_id": "x", "bbox": [NaN, 0, 1e3, "4"], "iscrowd": true}],
            "categories": [{"id": "x", "name": "dog"}, {"id": 0}]}"#,
    ])
}

pub(crate) fn evaluations() -> Vec<Vec<u8>> {
    texts(&[r#"{"images": [{"id": 1}], "categories": [{"id": 3}],
  "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}]}
---
[{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 5], "score": 0.9}]"#])
}

pub(crate) fn vocs() -> Vec<Vec<u8>> {
    texts(&[
        "<?xml version=\"1.0\"?>\n<annotation><filename>1.png</filename>\n<size><width>20</width>\
         <height>10</height><depth>3</depth></size>\n<object><name>cat &amp; dog</name><difficult>1</difficult>\
         <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5.5</xmax><ymax>6</ymax></bndbox></object></annotation>",
        "<annotation><!-- a --><object><name><![CDATA[cat]]></name><part><name>head</name></part>\
         <bndbox><xmin>0</xmin><ymin>0</ymin><xmax>99</xmax><ymax>1</ymax></bndbox></object></annotation>",
    ])
}

pub(crate) fn archives() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../samples/deflated.zip").to_vec(),
        include_bytes!("../samples/sizes64.zip").to_vec(),
        include_bytes!("../samples/long-name.tar").to_vec(),
        include_bytes!("../samples/long-name.tar.gz").to_vec(),
    ]
}

pub(crate) fn cvats() -> Vec<Vec<u8>> {
    texts(&[
        "<?xml version=\"1.0\"?>\n<annotations><version>1.1</version><meta><task><subset>Train</subset><labels>\
         <label><name>cat</name><type>any</type></label></labels></task></meta>\
         <image id=\"0\" name=\"1.png\" width=\"20\" height=\"10\">\
         <box label=\"cat\" xtl=\"1\" ytl=\"1.5\" xbr=\"9\" ybr=\"8\" rotation=\"30\"><attribute name=\"ignore\">true</attribute></box>\
         <polygon label=\"a &amp; b\" points=\"1,1;5,1;3,6\"/><ellipse label=\"cat\" cx=\"5\" cy=\"5\" rx=\"2\" ry=\"1\"/>\
         <mask label=\"cat\" rle=\"1, 2\" left=\"1\" top=\"2\" width=\"3\" height=\"4\"/></image></annotations>",
        "<annotations><meta><job><start_frame>0</start_frame><stop_frame>5</stop_frame></job></meta>\
         <track id=\"0\" label=\"cat\"><box frame=\"0\" outside=\"0\" keyframe=\"1\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/>\
         <box frame=\"4\" outside=\"1\" keyframe=\"1\" xtl=\"9\" ytl=\"1\" xbr=\"13\" ybr=\"5\"/></track></annotations>",
    ])
}

pub(crate) fn label_studios() -> Vec<Vec<u8>> {
    texts(&[
        r#"[{"id": 1, "data": {"image": "/data/upload/1/1a2b3c4d-1.png", "split": "val"}, "annotations": [{"id": 1,
            "was_cancelled": false, "updated_at": "2026-01-01", "result": [
            {"id": "a", "original_width": 20, "original_height": 10, "image_rotation": 0, "value": {"x": 5, "y": 5,
             "width": 50, "height": 50, "rotation": 10, "rectanglelabels": ["cat"]}},
            {"id": "b", "value": {"points": [[1, 1], [50, 1], [20, 60]], "polygonlabels": ["dog"]}}]}]}]"#,
        r#"[{"id": 1, "image": "1.png", "annotation_id": 2, "label": [{"x": 1, "y": 1, "width": 9, "height": 9,
            "rectanglelabels": ["cat"], "original_width": 20, "original_height": 10}], "updated_at": "2026"}]"#,
    ])
}

pub(crate) fn labelmes() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"version": "5.4.1", "shapes": [{"label": "cat", "shape_type": "rectangle", "points": [[9, 8], [1, 2]]},
        {"label": "dog", "shape_type": "circle", "points": [[5, 5], [6, 6]]}, {"label": "dog", "points": [[1, 1], [2, 3]]}],
        "imagePath": "..\\x\\1.png", "imageData": "AAAA", "imageHeight": 10, "imageWidth": 20}"#,
    ])
}

pub(crate) fn via_jsons() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"_via_img_metadata": {"1.png9": {"filename": "1.png", "size": 9, "regions": [{"shape_attributes":
            {"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}, "region_attributes": {"class": {"cat": true}}}]}}}"#,
        r#"{"project": {"vid_list": ["1"]}, "attribute": {"1": {"aname": "label", "options": {"0": "cat"}}},
            "file": {"1": {"fid": "1", "fname": "1.png"}}, "view": {"1": {"fid_list": ["1"]}},
            "metadata": {"a": {"vid": "1", "xy": [2, 1, 2, 3, 4], "av": {"1": "0"}}, "b": {"vid": 1, "xy": [7, 1, 1, 5, 1, 3, 3]}}}"#,
    ])
}

pub(crate) fn via_csvs() -> Vec<Vec<u8>> {
    texts(&[
        "filename,region_shape_attributes,region_attributes\n\
         1.png,\"{\"\"name\"\":\"\"circle\"\",\"\"cx\"\":5,\"\"cy\"\":5,\"\"r\"\":2}\",\"{\"\"class\"\":\"\"cat\"\"}\"\n",
        "# ATTRIBUTE = {\"1\":{\"aname\":\"label\",\"options\":{\"0\":\"cat\"}}}\n\
         # CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n\
         \"a\",\"[\"\"1.png\"\"]\",0,\"[]\",\"[2,1,2,3,4]\",\"{\"\"1\"\":\"\"0\"\"}\"\n",
    ])
}

pub(crate) fn createmls() -> Vec<Vec<u8>> {
    texts(&[
        r#"[{"image": "1.png", "annotations": [{"label": "cat", "coordinates": {"x": 9, "y": 5, "width": 4, "height": 3}}]}]"#,
    ])
}

pub(crate) fn votts() -> Vec<Vec<u8>> {
    texts(&[
        r##"{"tags": [{"name": "cat", "color": "#fff"}], "assets": {"0": {"asset": {"name": "1.png", "size": {"width": 20,
        "height": 10}}, "regions": [{"type": "RECTANGLE", "tags": ["cat"], "boundingBox": {"left": 1, "top": 2, "width": 3,
        "height": 4}}]}}}"##,
    ])
}

pub(crate) fn fiftyones() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"samples": [{"filepath": "data/1.png", "tags": ["train"], "metadata": {"width": 20, "height": 10},
        "ground_truth": {"detections": [{"label": "cat", "bounding_box": [0.1, 0.1, 0.5, 0.5], "iscrowd": 0}]},
        "model": {"detections": [{"label": "cat", "bounding_box": [0.1, 0.1, 0.5, 0.5], "confidence": 0.5}]}}]}"#,
    ])
}

pub(crate) fn tables() -> Vec<Vec<u8>> {
    texts(&[
        "filename,width,height,class,xmin,ymin,xmax,ymax\n1.png,20,10,cat,1,2,5,6\n2.png,20,10,\"a, b\",1,2,5,6\n",
        "cat,1,2,4,4,1.png,20,10\n",
        "1.png;1;2;5;6;cat\n",
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsGroupOf\n1,x,/m/1,1,0.1,0.5,0.1,0.5,1\n",
    ])
}

pub(crate) fn detections() -> Vec<Vec<u8>> {
    let mut samples = fiftyones();
    samples.extend(texts(&[
        r#"[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}, {"image_id": "2", "category_id": 1.0,
            "bbox": [1, 2, 3, 4], "score": 0.25}]"#,
        "0 0.5 0.5 0.25 0.5 0.9\n0 0.1 0.2 0.1 0.1 1e-3 7\n",
        r#"[{"name": "cat", "class": 0, "confidence": 0.5, "box": {"x1": 1, "y1": 2, "x2": 5, "y2": 6}}]"#,
        "image,label,score,xmin,ymin,xmax,ymax,timestamp\n1.png,cat,0.5,1,2,5,6,2026-01-01 10:00:00\n2.png,,,,,,,1767225600\n",
    ]));
    samples
}

pub(crate) fn yolo_labels() -> Vec<Vec<u8>> {
    texts(&[
        "0 0.5 0.5 0.25 0.5\n3 0.1 0.2 0.1 0.1\n",
        "1 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\n\n0.0 1e-3 .5 1 1\r\n",
    ])
}

pub(crate) fn data_yamls() -> Vec<Vec<u8>> {
    texts(&[
        "path: ../data # here\ntrain: images/train\nval: [a, b]\nnc: 2\nnames: ['big dog', \"p\\u0041\"]\n",
        "train: .\nnames:\n  0: cat\n  1: 'it''s'\ntest:\n  - x\n  - y\n",
        "names: {0: a, 1: \"b, c\"}\nval: list.txt\n",
    ])
}

pub(crate) fn queries() -> Vec<Vec<u8>> {
    texts(&[
        "label:cat and score > 0.5 and not tag:night",
        "has(label:\"big dog\" score<0.3) or latency > 20ms",
        "created >= 2026-11-01 and source:camera* and (status:pending or objects = 0)",
        "meta.line:7 text~\"a b\"",
    ])
}

pub(crate) fn cursors() -> Vec<Vec<u8>> {
    texts(&[
        "ns.received",
        "nx.-received..0190123456787abc8def0123456789ab",
        "pi.-latency.4034000000000000.0190123456787abc8def0123456789ab",
        "nx.-outlier_score.3ff0000000000000_4034000000000000.0190123456787abc8def0123456789ab",
        "px.confidence.none.0190123456787abc8def0123456789ab",
    ])
}

pub(crate) fn forms() -> Vec<Vec<u8>> {
    texts(&[
        "--boundary\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n\u{1}\u{2}\u{3}\r\n--boundary\r\n\
         Content-Disposition: form-data; name=\"tags\"\r\n\r\nnight,rain\r\n--boundary--\r\n",
        "--boundary\r\ncontent-disposition: form-data; name*=UTF-8''r%C3%A4port\r\n\r\n{}\r\n--boundary--",
    ])
}
