/// What mail programs write in the languages that citizens' programs speak; in lower case.
enum Phrases {
    /// Between dashes, above the mail that follows.
    static let separators = [
        "messaggio originale", "messaggio inoltrato", "messaggio da inoltrare", "messaggio precedente",
        "inizio messaggio",
        "original message", "original email", "original appointment", "forwarded message", "forwarded by",
        "reply message",
        "ursprüngliche nachricht", "originalnachricht", "originalmail", "original-nachricht",
        "weitergeleitete nachricht",
        "message d'origine", "message d’origine", "message original", "message initial", "message transféré",
        "message transmis", "mensaje original", "mensaje reenviado", "mensaje de origen", "mesaj original",
        "mesajul original", "mesaj redirecționat", "mesaj redirectionat", "mensagem original", "mensagem encaminhada",
        "oorspronkelijk bericht", "doorgestuurd bericht", "alkuperäinen viesti", "ursprungligt meddelande",
        "originalt meddelande", "oprindelig meddelelse", "opprinnelig melding", "wiadomość oryginalna",
        "oryginalna wiadomość", "исходное сообщение", "пересылаемое сообщение", "původní zpráva", "eredeti üzenet",
        "messaggio di posta elettronica originale", "initial header", "e-mail originale", "email originale",
        "mail originale",
    ]

    /// The same as a line of its own.
    static let announcements: Set<String> = [
        "inizio messaggio inoltrato:", "inizio del messaggio inoltrato:", "begin forwarded message:",
        "anfang der weitergeleiteten nachricht:", "début du message réexpédié :", "début du message réexpédié:",
        "début du message transféré :", "inicio del mensaje reenviado:", "begin doorgestuurd bericht:",
        "início da mensagem encaminhada:", "messaggio originale:", "messaggio inoltrato:",
    ]

    static let verbs = [
        "ha scritto", "hanno scritto", "scrisse", "scriveva", "wrote", "writes", "a écrit", "a ecrit", "schrieb",
        "hat geschrieben", "escribió", "escribio", "escreveu", "a scris", "schreef", "geschreven", "skrev", "napisał",
        "napsal", "написал", "пишет", "пише", "ha escrit", "kirjoitti", "írta", "写道", "작성", "yazdı", "έγραψε",
        "napísal", "je napisal", "napisao", "pisze",
        "rašė", "shkroi", "написа", "viết",
        "ha inviato il seguente messaggio",
    ]

    /// Somebody tells what another wrote to her: no quotation of a mail program.
    static let reported = [
        "mi ha scritto", "ci ha scritto", "gli ha scritto", "le ha scritto", "vi ha scritto", "mi hanno scritto",
        "ci hanno scritto", "che ha scritto", "mi scrisse", "c'è scritto", "wrote me", "wrote to me", "wrote to us",
        "who wrote", "m'a écrit", "nous a écrit", "schrieb mir", "mir schrieb", "me escribió", "mi-a scris",
        "mi scriveva",
    ]

    /// How an attribution with a date begins.
    static let starts = [
        "il ", "in data ", "on ", "le ", "am ", "el ", "em ", "a ", "op ", "den ", "w dniu ", "dnia ", "în ", "in ",
        "la ",
        "pe ", "på ", "dne ", "at ", "lun", "mar", "mer", "gio", "ven", "sab", "dom", "mon", "tue", "wed", "thu", "fri",
        "sat", "sun", "data", "date",
    ]

    /// `Quoting X <…>:`
    static let citations = [
        "quoting ", "citando ", "zitat von ", "zitiere ", "quoted from ", "citazione da ", "in reply to ",
        "in risposta a ", "messaggio di ", "messaggio da ", "da: ", "citazione ", "scrive ",
    ]
}
