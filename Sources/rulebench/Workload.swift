/// Rules and messages made from a fixed seed, the same on every machine.
struct Workload {
    /// One entry of a rule's `text:`, and the same for other engines.
    struct Entry {
        let rule: Int
        /// As an operator writes it.
        let written: String
        /// For engines of regular expressions, on the text as it came.
        let expression: String
        /// For engines of literals, which know neither words nor distances: its longest part.
        let literal: String
        /// What a message says that it matches.
        let sample: String
    }

    let entries: [Entry]
    let familiar: [String]
    let unfamiliar: [String]

    /// In bytes; most messages are a little longer.
    static let messageLength = 290

    init(rules: Int, messages: Int) {
        var generator = SeededGenerator(seed: 0x5041_5351_5549)
        var vocabulary = Vocabulary(size: max(600, rules * 6), &generator)
        entries = (0..<rules).flatMap { rule in
            (0..<Int.random(in: 1...8, using: &generator)).map { _ in vocabulary.entry(of: rule, &generator) }
        }
        let entries = entries
        familiar = (0..<messages).map { _ in Workload.familiar(entries, &generator) }
        unfamiliar = (0..<messages).map { _ in vocabulary.unfamiliar(&generator) }
    }

    /// Stock phrases around words of the rules, of which some are much more frequent than others.
    private static func familiar(_ entries: [Entry], _ generator: inout SeededGenerator) -> String {
        var text = pick(openings, &generator)
        while text.utf8.count < messageLength {
            let share = Double.random(in: 0..<1, using: &generator)
            let entry = entries[Int(share * share * share * Double(entries.count))]
            text += pick(before, &generator) + entry.sample + pick(after, &generator)
        }
        return text
    }

    private static func pick(_ phrases: [String], _ generator: inout SeededGenerator) -> String {
        phrases[Int.random(in: phrases.indices, using: &generator)]
    }

    private static let openings = [
        "Buongiorno, ", "Salve, scrivo di nuovo: ", "Gentile Comune, ", "Con la presente si segnala che ",
        "Non è la prima volta che scrivo! ", "Egregi Signori, ", "", "URGENTE - ",
    ]
    private static let before = [
        "c'è un problema con ", "da una settimana manca ", "sotto casa mia abbiamo ", "nessuno si occupa di ",
        "vorrei sapere qualcosa circa ", "in via Tuscolana, all'altezza del 512, ho visto ", "mio figlio è caduto per ",
        "ho già segnalato a giugno ", "davanti alla scuola si trova ", "chiedo che si provveda a ",
        "perché non risolvete la questione di ", "dal 3 marzo è ferma la pratica di ",
    ]
    private static let after = [
        ", e nessuno risponde. ", ": così non si può andare avanti. ", ", grazie. ", "; ho telefonato più volte. ",
        " e di notte non si vede nulla. ", ", vi prego di intervenire al più presto. ", " (allego una foto). ",
        ", come l'anno scorso. ", " — è una vergogna! ", ". Attendo un vostro riscontro. ",
    ]
}

/// The words of the rules, and others like them.
struct Vocabulary {
    private static let consonants = [
        "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "tr", "st", "gl", "ch", "sp",
    ]
    private static let vowels = ["a", "e", "i", "o", "u"]

    private var words: [String] = []

    init(size: Int, _ generator: inout SeededGenerator) {
        words = (0..<size).map { number in Vocabulary.word(number % 12 == 0 ? 2...2 : 3...5, &generator) }
    }

    private static func word(_ syllables: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: syllables, using: &generator)).map { _ in
            consonants[Int.random(in: consonants.indices, using: &generator)]
                + vowels[Int.random(in: vowels.indices, using: &generator)]
        }.joined()
    }

    private func word(_ generator: inout SeededGenerator) -> String {
        words[Int.random(in: words.indices, using: &generator)]
    }

    /// Of a hundred: 60 words, 20 phrases, 12 prefixes, 5 distances and 3 with any word between.
    mutating func entry(of rule: Int, _ generator: inout SeededGenerator) -> Workload.Entry {
        let first = word(&generator)
        let second = word(&generator)
        func entry(_ written: String, _ expression: String, _ sample: String, literal: String) -> Workload.Entry {
            Workload.Entry(rule: rule, written: written, expression: expression, literal: literal, sample: sample)
        }
        let longest = first.utf8.count < second.utf8.count ? second : first
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<60: return entry(first, #"\b\#(first)\b"#, first, literal: first)
        case 60..<80:
            let phrase = "\(first) \(second)"
            return entry(phrase, #"\b\#(phrase)\b"#, phrase, literal: phrase)
        case 80..<92:
            let stem = String(first.utf8.count > 6 ? first.dropLast(2) : first[...])
            return entry("\(stem)*", #"\b\#(stem)"#, first, literal: stem)
        case 92..<97:
            let most = Int.random(in: 1...5, using: &generator)
            return entry(
                "\(first) ~\(most) \(second)", #"\b\#(first)(?: \S+){0,\#(most)} \#(second)\b"#,
                "\(first) della \(second)", literal: longest)
        default:
            return entry(
                "\(first) * \(second)", #"\b\#(first) \S+ \#(second)\b"#, "\(first) del \(second)", literal: longest)
        }
    }

    /// Words that nobody has seen, half of them with the beginning of a rule's word.
    func unfamiliar(_ generator: inout SeededGenerator) -> String {
        var text = ""
        while text.utf8.count < Workload.messageLength {
            if !text.isEmpty { text += Int.random(in: 0..<8, using: &generator) == 0 ? ", " : " " }
            let known = word(&generator)
            let start = Int.random(in: 2...max(2, known.utf8.count - 1), using: &generator)
            text += Bool.random(using: &generator) ? String(known.prefix(start)) : ""
            text += Vocabulary.word(2...4, &generator)
        }
        return text
    }
}

/// A small generator whose sequence is fixed by its seed (xorshift64*).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed | 1 }
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
