/// Notices of confidentiality, of paper to be saved and of viruses not found: only at the end, only where unmistakable.
enum LegalText {
    /// Where the first of the last paragraphs begins from which on there is nothing else. Some text must stand before it.
    static func start(_ lines: [Line], _ range: Range<Int>) -> Int? {
        var found: Int?
        var end = range.upperBound
        var paragraphs = 0
        while end > range.lowerBound, paragraphs < 8, range.upperBound - end < 80 {
            var start = end
            while start > range.lowerBound, !lines[start - 1].isBlank { start -= 1 }
            let text = lines[start..<end].prefix(8).map { $0.bare }.joined(separator: " ").lowercased()
            if recognises(text) { found = start }
            end = start
            while end > range.lowerBound, lines[end - 1].isBlank { end -= 1 }
            paragraphs += 1
        }
        guard let found, lines[range.lowerBound..<found].contains(where: { !$0.isBlank }) else { return nil }
        return found
    }

    private static func recognises(_ text: String) -> Bool {
        let text = text.trimmingCharacters { !$0.isLetter && !$0.isNumber }
        let start = text.prefix(140)
        if titles.contains(where: { text.hasPrefix($0) }) { return true }
        if feet.contains(where: { start.contains($0) }) { return text.utf8.count < 400 }
        guard subjects.contains(where: { start.contains($0) }) else { return false }
        return claims.contains { text.contains($0) } && text.utf8.count > 80
    }

    private static let titles = [
        "avviso di riservatezza", "nota di riservatezza", "clausola di riservatezza", "dichiarazione di riservatezza",
        "disclaimer", "confidentiality notice", "confidentiality note", "confidentiality warning", "privacy notice",
        "informativa privacy", "informativa sulla privacy", "privacy e riservatezza", "riservatezza / confidentiality",
        "avviso legale", "aviso legal", "haftungsausschluss",
    ]

    private static let feet = [
        "prima di stampare", "please consider the environment", "rispetta l'ambiente", "rispetta l’ambiente",
        "pensa all'ambiente", "pensa all’ambiente", "consider the environment before", "privo di virus",
        "priva di virus",
        "virus-free", "controllata per individuare virus", "checked for viruses", "garantita immune da virus",
        "è stata analizzata con avast", "virenfrei", "sans virus",
    ]

    private static let subjects = [
        "questo messaggio", "presente messaggio", "questa comunicazione", "presente comunicazione", "questa e-mail",
        "questa email", "questa mail", "presente e-mail", "presente email", "presente mail", "informazioni contenute",
        "informazioni trasmesse", "contenuto di questa", "contenuto della presente", "contenuto del presente",
        "this message", "this e-mail", "this email", "information contained", "information transmitted",
        "contents of this", "diese e-mail", "diese nachricht", "ce message", "este mensaje", "acest mesaj",
        "acest e-mail",
        "d.lgs. 196", "d.lgs 196", "dlgs 196", "decreto legislativo 196", "regolamento ue 2016/679",
        "regolamento (ue) 2016/679", "gdpr",
    ]

    private static let claims = [
        "riservat", "confidenzial", "confidential", "esclusivamente al destinatario", "unicamente al destinatario",
        "destinato esclusivamente", "ricevuto per errore", "ricevuta per errore", "ricevuto questo messaggio per",
        "intended recipient", "intended solely", "intended only", "received this", "vertraulich", "confidentiel",
        "confidencial", "privileged", "vietata la diffusione", "proibita",
    ]
}
