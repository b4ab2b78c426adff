//! The program as scripts use it: started for each command, judged by its
//! exit code and by what it prints.

mod documented;
mod files;
mod followed;
mod history;
mod interrupted;
mod model_trials;
mod models;
mod packaged;
mod program;
mod proxied;
mod story;
mod trainers;
mod usage;
