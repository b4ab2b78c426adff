//! The program as scripts use it: started for each command, judged by its
//! exit code and by what it prints.

mod files;
mod followed;
mod interrupted;
mod program;
mod proxied;
mod story;
mod usage;
