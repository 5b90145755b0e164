//! Finds the files of a configuration on disk: the main file, and the teams' beside it.

use std::io;
use std::path::{Path, PathBuf};

use super::SourceFile;

/// The main file's name, where a folder is given.
pub const MAIN_FILE: &str = "longshore.toml";

/// The folder beside the main file that holds one file for each team.
const TEAMS: &str = "teams";

/// A file of the configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}; name the configuration's main file or its folder", .path.display())]
pub struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// Reads the main file at `path` (a file, or the folder it is in), and then `teams/*.toml` beside
/// it in the order of their names.
///
/// # Errors
///
/// The first file that cannot be read.
pub fn read(path: &Path) -> Result<Vec<SourceFile>, Unreadable> {
    let main = if path.is_dir() {
        path.join(MAIN_FILE)
    } else {
        path.to_owned()
    };
    let mut files = vec![read_one(&main)?];
    let teams = main.with_file_name(TEAMS);
    if teams.is_dir() {
        let failed = |source| Unreadable {
            path: teams.clone(),
            source,
        };
        let mut paths = std::fs::read_dir(&teams)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<PathBuf>>>()
            .map_err(failed)?;
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        paths.sort();
        for path in paths {
            files.push(read_one(&path)?);
        }
    }
    Ok(files)
}

fn read_one(path: &Path) -> Result<SourceFile, Unreadable> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(SourceFile::new(path.display().to_string(), text)),
        Err(source) => Err(Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}
