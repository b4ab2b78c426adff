//! How long a function may be, and that no use case goes without a role. Reads
//! sources as `cargo fmt` leaves them: a function ends at the brace that stands
//! as far in as it begins.

use super::{Finding, SourceFile, is_test};

/// Lines of a function, from its `fn` to its last brace.
const FUNCTION_LINES: usize = 60;
/// What the signature of a use case has one of: a role, or why there is none.
const ROLES: [&str; 3] = ["As<", "Anyone", "Internal"];

/// A function as it stands in a file.
struct Function {
    name: String,
    /// Counted from one.
    line: usize,
    lines: usize,
    /// From `pub` or `fn` to the brace that opens the body, in one line.
    signature: String,
    /// The type whose `impl` it stands in, by its bare name.
    of: Option<String>,
}

/// What is too long.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && !is_test(&file.path)) {
        for Function { name, line, lines, .. } in functions(&file.text) {
            if lines > FUNCTION_LINES {
                let message = format!("`{name}` has {lines} lines, {FUNCTION_LINES} at most");
                findings.push(Finding::at(file, line, message));
            }
        }
    }
    findings
}

/// The use cases of `crates/service` that neither ask for a role nor say why
/// they need none: public methods of the areas, which are what `Service` gives
/// references to, and of `Service` itself.
pub(super) fn check_roles(files: &[SourceFile]) -> Vec<Finding> {
    let mut methods = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/service/src/")) {
        let public = |one: &Function| one.signature.starts_with("pub ") && one.signature.contains("self");
        methods.extend(functions(&file.text).into_iter().filter(public).map(|one| (file, one)));
    }
    let of_service = |one: &Function| one.of.as_deref() == Some("Service");
    let areas: Vec<String> =
        methods.iter().filter(|(_, one)| of_service(one)).filter_map(|(_, one)| reference_to(one)).collect();
    let is_use_case = |one: &Function| {
        let of_area = one.of.as_ref().is_some_and(|of| areas.contains(of));
        of_area || (of_service(one) && reference_to(one).is_none())
    };
    let unasked = |one: &Function| !ROLES.iter().any(|role| one.signature.contains(role));
    let message = |one: &Function| {
        format!("`{}` takes no role: `&As<…>`, or `Anyone` or `Internal` where it needs none", one.name)
    };
    let breaches = methods.iter().filter(|(_, one)| is_use_case(one) && unasked(one));
    breaches.map(|(file, one)| Finding::at(file, one.line, message(one))).collect()
}

/// `Area` of a method that takes nothing and gives `&Area` or `Area<'_>`.
fn reference_to(method: &Function) -> Option<String> {
    let given = method.signature.split_once("(&self) -> ")?.1.trim_end().trim_end_matches('{').trim_end();
    given.strip_prefix('&').or_else(|| given.strip_suffix("<'_>")).map(str::to_owned)
}

/// The functions of a source, without those of its tests.
fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    let (mut of, mut index) = (None, 0);
    while let Some(line) = lines.get(index) {
        if *line == "#[cfg(test)]" {
            index = after_tests(&lines, index);
            continue;
        }
        if line.starts_with("impl") {
            of = implemented(line);
        } else if *line == "}" {
            of = None;
        }
        if let Some(name) = name(line) {
            functions.extend(function(&lines, index, name, of.clone()));
        }
        index += 1;
    }
    functions
}

/// The line behind a module of tests, or behind the attribute of anything else.
fn after_tests(lines: &[&str], attribute: usize) -> usize {
    let rest = || lines.iter().enumerate().skip(attribute + 1);
    let item = rest().find(|(_, line)| !line.starts_with("#["));
    match item {
        Some((at, line)) if line.starts_with("mod ") && line.ends_with('{') => rest()
            .skip_while(|(here, _)| *here < at)
            .find(|(_, line)| **line == "}")
            .map_or(lines.len(), |(end, _)| end),
        _ => attribute + 1,
    }
}

/// `Type` of `impl<T: Trait> Type<T> {`, and of `impl Trait for Type {` too.
fn implemented(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl")?;
    let rest = rest.rsplit_once(" for ").map_or(rest, |(_, of)| of);
    let mut depth = 0;
    let name = rest.chars().filter(|c| {
        depth += i32::from(*c == '<');
        let outside = depth == 0;
        depth -= i32::from(*c == '>');
        outside && (c.is_alphanumeric() || *c == '_')
    });
    let name: String = name.collect();
    (!name.is_empty()).then_some(name)
}

/// The name of the function that begins in this line.
fn name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let words = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe", "extern", "\"C\""];
    let begins = before.split_whitespace().all(|word| words.contains(&word) || word.starts_with("pub(in"));
    begins.then(|| after.split(['(', '<']).next().unwrap_or_default())
}

/// The function that begins at a line; `None` for one without a body.
fn function(lines: &[&str], begin: usize, name: &str, of: Option<String>) -> Option<Function> {
    let first = lines.get(begin)?;
    let indent = first.len() - first.trim_start().len();
    let closes = |line: &str| line.len() == indent + 1 && line.ends_with('}') && line.trim() == "}";
    let mut signature = String::new();
    for (index, line) in lines.iter().enumerate().skip(begin) {
        signature.push_str(line.trim());
        signature.push(' ');
        if line.ends_with('{') {
            let end = lines.iter().enumerate().skip(index + 1).find(|(_, line)| closes(line))?.0;
            let (line, lines) = (begin + 1, end - begin + 1);
            return Some(Function { name: name.to_owned(), line, lines, signature, of });
        }
        if line.ends_with(['}', ';']) {
            // A body in the same line, or none.
            let (line, lines) = (begin + 1, index - begin + 1);
            return line_has_body(&signature).then(|| Function {
                name: name.to_owned(),
                line,
                lines,
                signature,
                of,
            });
        }
    }
    None
}

fn line_has_body(signature: &str) -> bool {
    signature.trim_end().ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    fn long(lines: usize) -> String {
        format!(
            "//! X.\nimpl X {{\n    fn f(\n        &self,\n    ) {{\n{}    }}\n}}\n",
            "        g();\n".repeat(lines - 4)
        )
    }

    #[test]
    fn a_function_of_sixty_lines_passes_and_one_more_does_not() {
        let files = [
            file("crates/a/src/x.rs", &long(60)),
            file("crates/a/src/y.rs", &long(61)),
            file("crates/a/src/tests/y.rs", &long(61)),
            file("crates/a/src/z.rs", &format!("//! Z.\n#[cfg(test)]\nmod tests {{\n{}}}\n", long(61))),
        ];
        assert_eq!(places(&check(&files)), ["crates/a/src/y.rs:3"]);
    }

    #[test]
    fn what_follows_tests_is_read_and_what_ends_in_its_line_is_short() {
        let text = format!("#[cfg(test)]\nmod tests {{\n    fn t() {{}}\n}}\nfn short() {{}}\n{}", long(61));
        let names: Vec<String> = functions(&text).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["short", "f"]);
    }

    /// Places of use cases of this area that take no role.
    fn unasked(methods: &str) -> Vec<String> {
        let service =
            "//! X.\nimpl Service {\n    pub fn people(&self) -> &People {\n        &self.0\n    }\n}\n";
        let files = [
            file("crates/service/src/lib.rs", service),
            file("crates/service/src/people.rs", &format!("//! X.\n{methods}")),
            file("crates/store/src/people.rs", &format!("//! X.\n{methods}")),
        ];
        places(&check_roles(&files)).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_use_case_without_a_role_is_found_wherever_its_signature_breaks() {
        let methods = "impl People {\n    pub async fn users(\n        &self,\n        actor: &Actor,\n    ) -> Result<()> {\n        Ok(())\n    }\n}\n";
        assert_eq!(unasked(methods), ["crates/service/src/people.rs:3"]);
        assert_eq!(unasked(&methods.replace("&Actor", "&As<Admin>")), Vec::<String>::new());
        assert_eq!(unasked(&methods.replace("actor: &Actor", "_: Internal")), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_a_use_case_needs_no_role() {
        for methods in [
            "impl People {\n    pub(crate) fn new(&self) -> u8 {\n        1\n    }\n}\n",
            "impl People {\n    pub fn new() -> u8 {\n        1\n    }\n}\n",
            "impl Limits {\n    pub fn bytes(&self) -> u8 {\n        1\n    }\n}\n",
            "impl Store for Limits {\n    fn bytes(&self) -> u8 {\n        1\n    }\n}\n",
        ] {
            assert_eq!(unasked(methods), Vec::<String>::new(), "{methods}");
        }
    }

    #[test]
    fn an_area_that_borrows_the_service_is_one_too() {
        let text = "//! X.\nimpl Service {\n    pub fn jobs(&self) -> Jobs<'_> {\n        Jobs(self)\n    }\n}\nimpl Jobs<'_> {\n    pub fn run(&self) {}\n}\n";
        assert_eq!(
            places(&check_roles(&[file("crates/service/src/lib.rs", text)])),
            ["crates/service/src/lib.rs:8"]
        );
    }

    #[test]
    fn the_service_itself_has_use_cases_too() {
        let text = "//! X.\nimpl Service {\n    pub fn store(&self) -> &Store {\n        &self.0\n    }\n\n    pub async fn prune(&self, days: u32) -> Result<u64> {\n        Ok(0)\n    }\n}\n";
        assert_eq!(
            places(&check_roles(&[file("crates/service/src/lib.rs", text)])),
            ["crates/service/src/lib.rs:7"]
        );
    }
}
