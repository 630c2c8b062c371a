//! What is where: a file that a deployment writes, and that others read.

use {
    anyhow::{Context, Result, ensure},
    serde_json::{Value, json},
    std::{
        fs::{self, File},
        io::Write,
        path::{Path, PathBuf},
    },
};

/// The manifest of a deployment.
pub struct Manifest {
    path: PathBuf,
    /// Its content.
    pub content: Value,
}

impl Manifest {
    /// Opens a manifest, or begins one. It belongs to one cluster.
    pub fn open(path: &Path, host: &str, genesis: &str, version: &str, source: &str) -> Result<Self> {
        let mut content = match fs::read(path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).with_context(|| format!("{} is no manifest", path.display()))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({ "programs": {} }),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if let Some(before) = content["cluster"]["genesisHash"].as_str() {
            ensure!(
                before == genesis,
                "{} is of another cluster: its first block is {before}, and that of {host} is {genesis}. Use another folder \
                 for the keys, or pass --manifest",
                path.display()
            );
        }
        content["cluster"] = json!({ "genesisHash": genesis, "version": version });
        content["source"] = source.into();
        Ok(Self { path: path.to_owned(), content })
    }

    /// Writes it, whole or not at all.
    pub fn write(&self) -> Result<()> {
        let unfinished = self.path.with_extension("unfinished");
        let text = format!("{:#}\n", self.content);
        let written = (|| {
            let mut file = File::create(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &self.path)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written.with_context(|| format!("{} was not written", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("joule-manifest-{}-{name}.json", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn a_manifest_belongs_to_one_cluster() {
        let path = at("cluster");
        let mut first = Manifest::open(&path, "http://a", "genesis", "4", "commit").unwrap();
        first.content["programs"]["bme"] = json!({ "id": "x" });
        first.write().unwrap();
        let again = Manifest::open(&path, "http://b", "genesis", "4", "commit 2").unwrap();
        assert_eq!(again.content["programs"]["bme"]["id"], "x");
        // Its first block names a cluster. A URL may have a secret even in the name of its host.
        assert_eq!(again.content["cluster"], json!({ "genesisHash": "genesis", "version": "4" }));
        assert!(Manifest::open(&path, "http://a", "other", "4", "commit").is_err());
    }

    #[test]
    fn what_is_no_manifest_is_not_written_over() {
        let path = at("broken");
        fs::write(&path, "{").unwrap();
        assert!(Manifest::open(&path, "http://a", "genesis", "4", "commit").is_err());
    }

    #[test]
    fn a_full_disk_leaves_the_old_manifest() {
        let full = Path::new("/dev/full");
        if full.exists() {
            let path = at("full");
            let manifest = Manifest::open(&path, "http://a", "genesis", "4", "commit").unwrap();
            manifest.write().unwrap();
            std::os::unix::fs::symlink(full, path.with_extension("unfinished")).unwrap();
            let failed = format!("{:#}", manifest.write().unwrap_err());
            assert!(failed.contains("was not written"), "{failed}");
            assert_eq!(fs::read(&path).unwrap(), format!("{:#}\n", manifest.content).as_bytes());
        }
    }
}
