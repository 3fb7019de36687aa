//! The disk as a file system.

use crate::disk::{Disk, SimDisk};
use crate::fault::Call;
use crate::state::{File, Inode, Node};
use bytes::Bytes;
use drive::{DirEntry, FileKind, FileSystem, Lock, PlacedFile, ReadFile, Root, Space, Stat, WriteFile};
use parking_lot::MutexGuard;
use rustix::io::Errno;
use std::io;
use std::sync::Arc;

/// What a new name takes of the space.
const NODE_SIZE: u64 = 512;

/// A disk mounted once.
#[derive(Clone, Debug)]
pub struct SimFs {
    disk: SimDisk,
    age: u64,
}

impl SimFs {
    pub(crate) fn new(disk: SimDisk, age: u64) -> Self {
        SimFs { disk, age }
    }

    fn call(&self, call: Call, path: &str) -> io::Result<MutexGuard<'_, Disk>> {
        let mut disk = self.disk.shared.lock();
        disk.admit(self.age, call, path)?;
        Ok(disk)
    }

    fn sync(&self, path: &str, inode: Inode) -> io::Result<()> {
        let called = self.call(Call::Sync, path).map(drop);
        let mut disk = self.disk.shared.lock();
        match called {
            Ok(()) => Ok(disk.tree.sync_file(inode)?),
            Err(error) => {
                if disk.age == self.age
                    && let Ok(file) = disk.tree.file_mut(inode)
                {
                    file.forget();
                }
                Err(error)
            }
        }
    }

    fn now(&self) -> base::Timestamp {
        self.disk.world.clock.now()
    }
}

impl FileSystem for SimFs {
    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        let disk = self.call(Call::Read, path)?;
        let bytes = &disk.tree.file(disk.tree.find(path)?)?.bytes;
        if bytes.len() > limit {
            return Err(Errno::FBIG.into());
        }
        Ok(Bytes::copy_from_slice(bytes))
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        let disk = self.call(Call::Read, path)?;
        let bytes = &disk.tree.file(disk.tree.find(path)?)?.bytes;
        Ok(Bytes::copy_from_slice(&bytes[..bytes.len().min(length)]))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        let disk = self.call(Call::Read, path)?;
        let bytes = Bytes::copy_from_slice(&disk.tree.file(disk.tree.find(path)?)?.bytes);
        Ok(Arc::new(SimReadFile { fs: self.clone(), path: path.to_owned(), bytes }))
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let mut disk = self.call(Call::Create, path)?;
        disk.room(NODE_SIZE)?;
        let inode = disk.tree.add(path, Node::File(File::default()), self.now())?;
        Ok(Box::new(SimWriteFile { fs: self.clone(), path: path.to_owned(), inode }))
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        let disk = self.call(Call::Read, path)?;
        let inode = disk.tree.find(path)?;
        disk.tree.file(inode)?;
        Ok(Box::new(SimPlacedFile { fs: self.clone(), path: path.to_owned(), inode }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        // A fault names either path.
        let mut disk = self.call(Call::Rename, &format!("{from} {to}"))?;
        Ok(disk.tree.rename(from, to, self.now())?)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        let mut disk = self.call(Call::Mkdir, path)?;
        if disk.tree.find(path).is_ok() {
            return Err(Errno::EXIST.into());
        }
        disk.room(NODE_SIZE)?;
        disk.tree.add(path, Node::Dir(Default::default()), self.now())?;
        Ok(())
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let mut disk = self.call(Call::Unlink, path)?;
        Ok(disk.tree.remove(path, false, self.now())?)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        let mut disk = self.call(Call::Rmdir, path)?;
        Ok(disk.tree.remove(path, true, self.now())?)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        let disk = self.call(Call::ReadDir, path)?;
        let names = disk.tree.dir(disk.tree.find(path)?)?;
        let entry = |(name, inode): (&String, &Inode)| {
            let is_dir = matches!(disk.tree.node(*inode), Ok(Node::Dir(_)));
            DirEntry { name: name.clone(), kind: if is_dir { FileKind::Dir } else { FileKind::File } }
        };
        Ok(names.iter().take(limit).map(entry).collect())
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        let disk = self.call(Call::Stat, path)?;
        let inode = disk.tree.find(path)?;
        let modified = disk.tree.modified(inode);
        Ok(match disk.tree.node(inode)? {
            Node::Dir(_) => Stat { kind: FileKind::Dir, size: 0, modified },
            Node::File(file) => Stat { kind: FileKind::File, size: file.bytes.len() as u64, modified },
        })
    }

    fn may_add(&self, dir: &str) -> io::Result<()> {
        let disk = self.call(Call::Access, dir)?;
        disk.tree.dir(disk.tree.find(dir)?)?;
        Ok(())
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        let mut disk = self.call(Call::SyncDir, path)?;
        let dir = disk.tree.find(path)?;
        disk.tree.dir(dir)?;
        disk.tree.sync_dir(dir);
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.call(Call::SyncAll, "")?.tree.sync_all();
        Ok(())
    }

    fn space(&self) -> io::Result<Space> {
        let disk = self.call(Call::Space, "")?;
        let used = disk.tree.used();
        let free = disk.capacity.saturating_sub(used);
        Ok(Space { total: disk.capacity, free, used, used_inodes: 0, free_inodes: None })
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        let mut disk = self.call(Call::Lock, path)?;
        if disk.tree.find(path).is_err() {
            disk.tree.add(path, Node::File(File::default()), self.now())?;
        }
        if disk.lock.is_some() {
            return Err(Errno::WOULDBLOCK.into());
        }
        let number = disk.next_lock;
        disk.next_lock += 1;
        disk.lock = Some(number);
        Ok(Box::new(SimLock { disk: self.disk.clone(), number }))
    }

    fn root(&self) -> io::Result<Root> {
        drop(self.call(Call::Root, "")?);
        Ok(Root { same: true, on_root_device: false })
    }
}

#[derive(Debug)]
struct SimReadFile {
    fs: SimFs,
    path: String,
    bytes: Bytes,
}

impl ReadFile for SimReadFile {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        drop(self.fs.call(Call::Read, &self.path)?);
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        let end = start.saturating_add(length).min(self.bytes.len());
        Ok(self.bytes.slice(start..end))
    }
}

#[derive(Debug)]
struct SimWriteFile {
    fs: SimFs,
    path: String,
    inode: Inode,
}

impl WriteFile for SimWriteFile {
    fn expect(&mut self, bytes: u64) -> io::Result<()> {
        Ok(self.fs.call(Call::Expect, &self.path)?.room(bytes)?)
    }

    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let mut disk = self.fs.call(Call::Append, &self.path)?;
        for piece in pieces {
            // What fits is written, as a real disk does.
            disk.room(piece.len() as u64)?;
            Arc::make_mut(&mut disk.tree.file_mut(self.inode)?.bytes).extend_from_slice(piece);
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.fs.sync(&self.path, self.inode)
    }
}

#[derive(Debug)]
struct SimPlacedFile {
    fs: SimFs,
    path: String,
    inode: Inode,
}

impl PlacedFile for SimPlacedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.fs.call(Call::Write, &self.path)?;
        let offset = usize::try_from(offset).map_err(|_| Errno::OVERFLOW)?;
        Ok(disk.tree.file_mut(self.inode)?.write_at(offset, bytes)?)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.fs.sync(&self.path, self.inode)
    }
}

#[derive(Debug)]
struct SimLock {
    disk: SimDisk,
    number: u64,
}

impl Lock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut disk = self.disk.shared.lock();
        if disk.lock == Some(self.number) {
            disk.lock = None;
        }
    }
}
