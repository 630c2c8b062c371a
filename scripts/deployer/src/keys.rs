//! The key pairs of a deployment: a folder outside of the repository, with a file for each program's id and one for each
//! buffer, in the format of Solana's own tools.

use {
    crate::PROGRAMS,
    anyhow::{Context, Result, anyhow, ensure},
    solana_keypair::{Keypair, read_keypair, write_keypair},
    solana_signer::Signer,
    std::{
        fs::{self, File, OpenOptions},
        io::Write,
        os::unix::fs::OpenOptionsExt,
        path::{Path, PathBuf},
    },
};

/// A folder with key pairs.
pub struct Keys {
    folder: PathBuf,
    // Two runs on the same keys would write the same buffers.
    _lock: Option<File>,
}

impl Keys {
    /// Opens a folder, which is made if it is not there. It must not be where git could add it.
    pub fn open(folder: &Path, checkout: &Path) -> Result<Self> {
        ensure!(
            !is_committed(folder, checkout)?,
            "{} is in the repository, and could be committed: keep keys in a folder outside of it, or below target/",
            folder.display()
        );
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let path = folder.join(".lock");
        let lock = File::create(&path).with_context(|| path.display().to_string())?;
        lock.try_lock().map_err(|_| anyhow!("another deployment runs with the keys of {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), _lock: Some(lock) })
    }

    /// The same, to read only: nothing is made, and another run may go on.
    pub fn look(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _lock: None }
    }

    /// The file of a key.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("json")
    }

    /// A key, if it is there.
    pub fn get(&self, name: &str) -> Result<Option<Keypair>> {
        let path = self.path(name);
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
    }

    /// A key, which is made and kept if it is not there.
    pub fn get_or_make(&self, name: &str) -> Result<Keypair> {
        if let Some(key) = self.get(name)? {
            return Ok(key);
        }
        let (key, path) = (Keypair::new(), self.path(name));
        // Whole and on the disk before anything depends on it, or not there at all.
        let unfinished = path.with_extension("unfinished");
        let kept = keep(&key, &unfinished).and_then(|()| Ok(fs::rename(&unfinished, &path)?));
        if kept.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        kept.with_context(|| format!("{} was not written; nothing was sent", path.display()))?;
        File::open(&self.folder)?.sync_all()?;
        ensure!(read(&path)?.pubkey() == key.pubkey(), "{} does not hold what was written", path.display());
        Ok(key)
    }

    /// The ids of the programs, as far as their keys are there.
    pub fn ids(&self) -> Result<[Option<Keypair>; PROGRAMS.len()]> {
        let mut ids = [const { None }; PROGRAMS.len()];
        for (id, name) in ids.iter_mut().zip(PROGRAMS) {
            *id = self.get(name)?;
        }
        Ok(ids)
    }
}

fn keep(key: &Keypair, path: &Path) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    write_keypair(key, &mut file).map_err(|error| anyhow!("{error}"))?;
    file.flush()?;
    file.sync_all()?;
    Ok(())
}

/// Reads the file of a key pair.
pub fn read(path: &Path) -> Result<Keypair> {
    let mut file = File::open(path).with_context(|| format!("there is no key pair at {}", path.display()))?;
    read_keypair(&mut file).map_err(|_| anyhow!("{} is no key pair as Solana's tools write it", path.display()))
}

/// Whether git might add what is in a folder: below the checkout, but not below its `target`.
fn is_committed(folder: &Path, checkout: &Path) -> Result<bool> {
    let absolute = std::path::absolute(folder)?;
    // What is not there yet is where the first folder above it is that is there.
    let there = absolute.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
    let real = there.canonicalize()?.join(rest);
    let checkout = checkout.canonicalize()?;
    Ok(real.starts_with(&checkout) && !real.starts_with(checkout.join("target")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("joule-keys-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let (at, checkout) = (folder("made"), folder("made-checkout"));
        let keys = Keys::open(&at, &checkout).unwrap();
        assert!(keys.get("bme").unwrap().is_none());
        let made = keys.get_or_make("bme").unwrap();
        assert_eq!(keys.get_or_make("bme").unwrap().pubkey(), made.pubkey());
        assert_eq!(fs::metadata(keys.path("bme")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(keys.ids().unwrap().map(|key| key.is_some()), [true, false, false, false]);
    }

    #[test]
    fn a_broken_key_file_is_not_written_over() {
        let (at, checkout) = (folder("broken"), folder("broken-checkout"));
        let keys = Keys::open(&at, &checkout).unwrap();
        fs::write(keys.path("bme"), "[1, 2").unwrap();
        let refused = keys.get_or_make("bme").unwrap_err().to_string();
        assert!(refused.contains("bme.json"), "{refused}");
        assert_eq!(fs::read_to_string(keys.path("bme")).unwrap(), "[1, 2");
    }

    #[test]
    fn a_full_disk_leaves_no_key() {
        let (at, checkout) = (folder("full"), folder("full-checkout"));
        let keys = Keys::open(&at, &checkout).unwrap();
        let full = Path::new("/dev/full");
        if full.exists() {
            std::os::unix::fs::symlink(full, at.join("bme.unfinished")).unwrap();
            let failed = format!("{:#}", keys.get_or_make("bme").unwrap_err());
            assert!(failed.contains("bme.json was not written; nothing was sent"), "{failed}");
            assert!(!keys.path("bme").exists());
            // With room again it goes on.
            keys.get_or_make("bme").unwrap();
        }
    }

    #[test]
    fn two_deployments_do_not_share_keys_at_the_same_time() {
        let (at, checkout) = (folder("locked"), folder("locked-checkout"));
        let first = Keys::open(&at, &checkout).unwrap();
        assert!(Keys::open(&at, &checkout).is_err());
        // Looking is free.
        assert!(Keys::look(&at).get("bme").unwrap().is_none());
        drop(first);
        Keys::open(&at, &checkout).unwrap();
    }

    #[test]
    fn keys_are_kept_out_of_the_repository() {
        let checkout = folder("checkout");
        fs::create_dir_all(checkout.join("target")).unwrap();
        for inside in ["", "keys", "scripts/keys", "target/../keys", "targets"] {
            assert!(Keys::open(&checkout.join(inside), &checkout).is_err(), "{inside}");
        }
        assert!(!checkout.join("keys").exists());
        Keys::open(&checkout.join("target/keys"), &checkout).unwrap();
        std::os::unix::fs::symlink(&checkout, checkout.join("target/link")).unwrap();
        assert!(Keys::open(&checkout.join("target/link/keys"), &checkout).is_err());
    }
}
