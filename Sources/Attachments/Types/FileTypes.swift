/// Media types and the extensions that go with them, as far as citizens send them or attackers use them.
enum FileTypes {
    /// Extensions of a type; the first is given to files that have none or a wrong one.
    static let extensions: [String: [String]] = [
        // Pictures
        "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"], "image/png": ["png", "apng"],
        "image/gif": ["gif"], "image/webp": ["webp"], "image/tiff": ["tif", "tiff", "dng", "nef", "cr2", "arw"],
        "image/heic": ["heic", "heif"], "image/heif": ["heif", "heic"], "image/avif": ["avif"],
        "image/bmp": ["bmp", "dib"],
        "image/svg+xml": ["svg"], "image/vnd.djvu": ["djvu"], "image/x-icon": ["ico"],
        "image/vnd.adobe.photoshop": ["psd"], "image/vnd.dwg": ["dwg"],
        // Sound and film
        "audio/mpeg": ["mp3"], "audio/mp4": ["m4a"], "audio/x-m4a": ["m4a"], "audio/ogg": ["ogg", "opus", "oga"],
        "audio/wav": ["wav"], "audio/flac": ["flac"], "audio/amr": ["amr"], "audio/aac": ["aac"],
        "video/mp4": ["mp4", "m4v"], "video/quicktime": ["mov", "qt"], "video/3gpp": ["3gp"], "video/webm": ["webm"],
        "video/x-matroska": ["mkv"], "video/x-msvideo": ["avi"], "video/mpeg": ["mpg", "mpeg"],
        // Documents
        "application/pdf": ["pdf"], "text/rtf": ["rtf", "doc"], "application/postscript": ["ps", "eps"],
        "application/msword": ["doc", "dot"], "application/vnd.ms-excel": ["xls", "xlt"],
        "application/vnd.ms-powerpoint": ["ppt", "pps"], "application/vnd.ms-outlook": ["msg"],
        "application/x-ole-storage": ["ole", "doc", "xls", "ppt", "msg"],
        OfficeTypes.word: ["docx", "dotx"], OfficeTypes.sheet: ["xlsx", "xltx"], OfficeTypes.slides: ["pptx", "ppsx"],
        OfficeTypes.wordMacros: ["docm", "dotm"], OfficeTypes.sheetMacros: ["xlsm", "xlsb", "xltm"],
        OfficeTypes.slidesMacros: ["pptm", "ppsm"],
        "application/vnd.oasis.opendocument.text": ["odt"],
        "application/vnd.oasis.opendocument.spreadsheet": ["ods"],
        "application/vnd.oasis.opendocument.presentation": ["odp"],
        "application/vnd.oasis.opendocument.graphics": ["odg"], "application/epub+zip": ["epub"],
        // Signed and certified
        "application/pkcs7-mime": ["p7m"], "application/pkcs7-signature": ["p7s"], "message/rfc822": ["eml", "txt"],
        "application/pgp-signature": ["asc", "sig"], "application/pgp-encrypted": ["asc", "pgp"],
        "application/pgp-keys": ["asc"],
        // Archives
        "application/zip": ["zip", "kmz", "shz"], "application/gzip": ["gz", "tgz"], "application/x-tar": ["tar"],
        "application/x-7z-compressed": ["7z"], "application/x-rar": ["rar"], "application/x-bzip2": ["bz2", "tbz2"],
        "application/x-xz": ["xz", "txz"], "application/zstd": ["zst"], "application/vnd.ms-cab-compressed": ["cab"],
        "application/vnd.google-earth.kmz": ["kmz"],
        // Text
        "text/plain": ["txt", "text", "log", "md", "csv", "ini", "cfg", "yaml", "yml", "tsv", "srt"],
        "text/csv": ["csv", "txt", "tsv"], "text/calendar": ["ics"], "text/vcard": ["vcf"],
        "application/json": ["json", "geojson"],
        "text/xml": ["xml", "gpx", "kml", "xsd", "xbrl", "gml"],
        // What runs
        "text/html": ["html", "htm", "xhtml", "mht", "mhtml"], "text/javascript": ["js", "mjs", "jse"],
        "application/vnd.microsoft.portable-executable": ["exe", "dll", "scr", "com", "cpl", "sys", "ocx", "pif"],
        "application/x-executable": ["elf", "so"], "application/x-mach-binary": ["macho", "dylib"],
        "application/x-msi": ["msi", "msp"], "application/java-archive": ["jar", "war"],
        "application/vnd.android.package-archive": ["apk"], "application/x-java-applet": ["class"],
        "application/x-shockwave-flash": ["swf"], "application/x-ms-shortcut": ["lnk"], "application/wasm": ["wasm"],
        "application/vnd.ms-htmlhelp": ["chm"], "application/x-iso9660-image": ["iso"],
        "application/vnd.debian.binary-package": ["deb"], "application/x-rpm": ["rpm"],
        "text/x-shellscript": ["sh", "bash", "command"], "text/x-python": ["py", "pyw"], "text/x-perl": ["pl"],
        "text/x-php": ["php", "phtml", "phar"], "text/x-ruby": ["rb"], "text/x-tcl": ["tcl"], "text/x-lua": ["lua"],
        "text/x-msdos-batch": ["bat", "cmd"], "text/x-powershell": ["ps1", "psm1", "psd1"],
        "text/x-vbscript": ["vbs", "vbe", "wsf", "wsh", "wsc", "sct"], "text/x-windows-script": ["hta", "reg", "inf"],
        "text/x-shortcut": ["url", "desktop", "scf", "webloc"], "text/x-jsp": ["jsp", "asp", "aspx", "cgi"],
    ]

    /// The type that an extension claims, in lower case; where two claim it, the one that lists it first.
    static let typeByExtension: [String: String] = {
        var types: [String: (type: String, rank: Int)] = [:]
        for (type, names) in extensions {
            for (rank, name) in names.enumerated() {
                guard let other = types[name] else {
                    types[name] = (type, rank)
                    continue
                }
                if (rank, type) < (other.rank, other.type) { types[name] = (type, rank) }
            }
        }
        return types.mapValues(\.type)
    }()

    /// Types that run when opened, or that browsers run.
    static let active: Set<String> = [
        "application/vnd.microsoft.portable-executable", "application/x-executable", "application/x-mach-binary",
        "application/x-msi", "application/java-archive", "application/vnd.android.package-archive",
        "application/x-java-applet", "application/x-shockwave-flash", "application/x-ms-shortcut", "application/wasm",
        "application/vnd.ms-htmlhelp", "application/x-iso9660-image", "application/vnd.debian.binary-package",
        "application/x-rpm", "image/svg+xml", "text/html", "text/javascript", "text/x-shellscript", "text/x-python",
        "text/x-perl", "text/x-php", "text/x-ruby", "text/x-tcl", "text/x-lua", "text/x-msdos-batch",
        "text/x-powershell", "text/x-vbscript", "text/x-windows-script", "text/x-shortcut", "text/x-jsp",
        OfficeTypes.wordMacros, OfficeTypes.sheetMacros, OfficeTypes.slidesMacros,
    ]

    /// Texts that only a name can tell apart: no byte of theirs says which they are.
    static let plainTexts: Set<String> = Set(extensions.keys.filter { $0.hasPrefix("text/") })
        .union(["message/rfc822", "application/json"]).subtracting(["text/rtf", "text/xml"])

    /// What libmagic, whose names differ between its versions, calls otherwise.
    static let aliases: [String: String] = [
        "application/x-dosexec": "application/vnd.microsoft.portable-executable",
        "application/x-msdownload": "application/vnd.microsoft.portable-executable",
        "application/x-sharedlib": "application/x-executable", "application/x-object": "application/x-executable",
        "application/x-pie-executable": "application/x-executable",
        "application/x-coredump": "application/x-executable",
        "application/x-gzip": "application/gzip", "application/x-zip-compressed": "application/zip",
        "application/vnd.rar": "application/x-rar", "application/x-bzip": "application/x-bzip2",
        "application/x-zstd": "application/zstd", "application/x-rar-compressed": "application/x-rar",
        "application/x-gtar": "application/x-tar", "application/x-ustar": "application/x-tar",
        "application/CDFV2": "application/x-ole-storage", "application/cdfv2": "application/x-ole-storage",
        "application/vnd.ms-office": "application/x-ole-storage", "application/rtf": "text/rtf",
        "application/javascript": "text/javascript", "application/x-javascript": "text/javascript",
        "application/xml": "text/xml", "application/xhtml+xml": "text/html", "application/csv": "text/csv",
        "application/x-php": "text/x-php", "application/x-shellscript": "text/x-shellscript",
        "text/x-script.python": "text/x-python", "text/x-bytecode.python": "text/x-python",
        "application/x-ndjson": "application/json", "image/x-ms-bmp": "image/bmp", "image/x-bmp": "image/bmp",
        "image/svg": "image/svg+xml", "image/vnd.microsoft.icon": "image/x-icon", "image/heif-sequence": "image/heif",
        "image/heic-sequence": "image/heic", "audio/x-wav": "audio/wav", "audio/vnd.wave": "audio/wav",
        "audio/x-hx-aac-adts": "audio/aac", "video/x-m4v": "video/mp4",
        "application/x-wine-extension-ini": "text/plain",
        "application/winhelp": "application/vnd.ms-htmlhelp", "inode/x-empty": "application/x-empty",
        "application/x-pkcs7-mime": "application/pkcs7-mime",
        "application/x-pkcs7-signature": "application/pkcs7-signature",
        "application/ms-tnef": "application/vnd.ms-tnef", "message/news": "message/rfc822",
        "text/x-mail": "message/rfc822",
        "text/x-vcard": "text/vcard", "application/x-setupscript": "text/x-windows-script",
        "text/x-ms-regedit": "text/x-windows-script", "application/x-mswinurl": "text/x-shortcut",
    ]
}

/// Office Open XML's media types (ECMA-376), which are long.
enum OfficeTypes {
    static let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    static let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    static let slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    static let wordMacros = "application/vnd.ms-word.document.macroenabled.12"
    static let sheetMacros = "application/vnd.ms-excel.sheet.macroenabled.12"
    static let slidesMacros = "application/vnd.ms-powerpoint.presentation.macroenabled.12"
}
