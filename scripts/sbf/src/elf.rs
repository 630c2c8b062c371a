//! What a finished program's ELF holds.

use {
    anyhow::{Context, Result, anyhow, ensure},
    object::{
        Endian, Endianness, LittleEndian, Object, ObjectSegment, ObjectSymbol, SegmentFlags,
        elf::{
            FileFlags, FileHeader64, PF_X, SHF_ALLOC, SHF_EXECINSTR, SHT_NULL, SHT_PROGBITS, SHT_STRTAB, SectionFlags,
            SectionHeader64, SectionType, SymbolSection,
        },
        pod::{bytes_of, from_bytes_mut},
        read::elf::{ElfFile, ElfSegment64, FileHeader},
    },
    sha2::{Digest, Sha256},
    std::{fmt, fs, path::Path},
};

/// Name, size and hash of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// File name.
    pub name: String,
    /// Bytes of the file: what a deployment pays rent for.
    pub size: usize,
    /// Hash of the file.
    pub sha256: String,
}

impl Report {
    /// Reads a program, and refuses a file that the virtual machine could not run.
    pub fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        check(&bytes)?;
        Ok(Self {
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            size: bytes.len(),
            sha256: format!("{:x}", Sha256::digest(&bytes)),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<32} {:>8} bytes  sha256 {}", self.name, self.size, self.sha256)
    }
}

/// The flag of an ELF of sBPF v3, which has no symbols: its header says where it begins.
const V3: FileFlags = FileFlags(3);

/// An ELF for BPF with an entry point of its own. A library that was built without one links as well, to nothing.
pub fn check(bytes: &[u8]) -> Result<()> {
    let file = ElfFile::<FileHeader64<Endianness>>::parse(bytes)?;
    let (header, endian) = (file.elf_header(), file.endian());
    ensure!(header.e_machine(endian) == object::elf::EM_BPF, "not an ELF for BPF");
    let entry = if header.e_flags(endian) == V3 {
        let begins =
            |code: &ElfSegment64<Endianness>| (code.address()..code.address() + code.size()).contains(&file.entry());
        file.segments().find(is_code).is_some_and(|code| begins(&code))
    } else {
        file.dynamic_symbols().any(|symbol| symbol.name() == Ok("entrypoint"))
    };
    ensure!(entry, "it has no entry point: was it built with the feature `no-entrypoint`?");
    Ok(())
}

/// Gives a program of sBPF v3 the table of sections that its loader does without. Tools look for `.text` by name, and the
/// virtual machine's tracing ends in a panic where there is no table.
pub fn name_sections(mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    const NAMES: &[u8] = b"\0.rodata\0.text\0.shstrtab\0";
    const RODATA: u32 = 1;
    const TEXT: u32 = 9;
    const SHSTRTAB: u32 = 15;
    let file = ElfFile::<FileHeader64<LittleEndian>>::parse(&bytes[..])?;
    let mut sections = vec![section(0, SHT_NULL, SectionFlags(0), 0, (0, 0))];
    for segment in file.segments() {
        let code = is_code(&segment);
        let (name, flags) = if code { (TEXT, SHF_ALLOC | SHF_EXECINSTR) } else { (RODATA, SHF_ALLOC) };
        sections.push(section(name, SHT_PROGBITS, flags, segment.address(), segment.file_range()));
    }
    let names = (bytes.len() as u64, NAMES.len() as u64);
    sections.push(section(SHSTRTAB, SHT_STRTAB, SectionFlags(0), 0, names));
    bytes.extend(NAMES);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let table = bytes.len() as u64;
    sections.iter().for_each(|section| bytes.extend(bytes_of(section)));
    let (header, _) = from_bytes_mut::<FileHeader64<LittleEndian>>(&mut bytes).map_err(|()| anyhow!("no header"))?;
    header.e_shoff = table.into();
    header.e_shentsize = (size_of::<SectionHeader64<LittleEndian>>() as u16).into();
    header.e_shnum = (sections.len() as u16).into();
    header.e_shstrndx = SymbolSection(sections.len() as u16 - 1).into();
    Ok(bytes)
}

fn section(
    name: u32,
    kind: SectionType,
    flags: SectionFlags,
    address: u64,
    (offset, size): (u64, u64),
) -> SectionHeader64<LittleEndian> {
    SectionHeader64 {
        sh_name: name.into(),
        sh_type: kind.into(),
        sh_flags: flags.into(),
        sh_addr: address.into(),
        sh_offset: offset.into(),
        sh_size: size.into(),
        sh_link: 0.into(),
        sh_info: 0.into(),
        sh_addralign: 1.into(),
        sh_entsize: 0.into(),
    }
}

/// Whether a segment of sBPF v3 is executed.
fn is_code<E: Endian>(segment: &ElfSegment64<E>) -> bool {
    matches!(segment.flags(), SegmentFlags::Elf { p_flags: PF_X, .. })
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        object::{ObjectSection, elf::EM_BPF},
    };

    #[test]
    fn a_package_that_is_no_program_is_refused() {
        assert!(check(b"").is_err());
        assert!(check(b"\x7fELF").is_err());
        let own = fs::read(std::env::current_exe().expect("a path")).expect("readable");
        assert_eq!(check(&own).expect_err("it is for this machine").to_string(), "not an ELF for BPF");
    }

    /// A program of sBPF v3 as the linker leaves it: one segment of code, no sections.
    fn v3(entry: u64, code: &[u8]) -> Vec<u8> {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(16, 0);
        for half in [3u16, EM_BPF.0] {
            elf.extend(half.to_le_bytes());
        }
        elf.extend(1u32.to_le_bytes());
        for word in [entry, 64, 0] {
            elf.extend(word.to_le_bytes());
        }
        elf.extend(V3.0.to_le_bytes());
        for half in [64u16, 56, 1, 64, 0, 0] {
            elf.extend(half.to_le_bytes());
        }
        elf.extend([1u32, PF_X.0].map(u32::to_le_bytes).concat());
        let size = code.len() as u64;
        elf.extend([120, CODE, CODE, size, size, 0].map(u64::to_le_bytes).concat());
        elf.extend(code);
        elf
    }

    const CODE: u64 = 1 << 32;

    #[test]
    fn a_program_of_v3_begins_in_its_code() {
        check(&v3(CODE, &[0x95; 8])).expect("a program");
        for (entry, code) in [(CODE, &[][..]), (CODE + 8, &[0x95; 8]), (0, &[0x95; 8])] {
            let error = check(&v3(entry, code)).expect_err("it has no entry point").to_string();
            assert!(error.contains("no entry point"), "{error}");
        }
    }

    #[test]
    fn sections_of_v3_have_names() {
        let named = name_sections(v3(CODE, &[0x95; 8])).expect("a program");
        let file = ElfFile::<FileHeader64<LittleEndian>>::parse(&named[..]).expect("an ELF");
        let text = file.section_by_name(".text").expect("it is named");
        assert_eq!((text.address(), text.data().expect("in the file")), (CODE, &[0x95; 8][..]));
        check(&named).expect("a program");
    }
}
