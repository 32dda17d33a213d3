import Civic
import Testing

@Suite struct LanguageGuessTests {
    static let all = ["it", "en", "fr", "es", "pt", "de", "ro", "sq"]

    @Test(arguments: [
        ("C'è una buca enorme in via Tuscolana 512, davanti alla fermata della metro.", "it"),
        ("Buongiorno, vorrei segnalare che i cassonetti della mia strada non sono stati svuotati.", "it"),
        ("PERCHÉ NON È ANCORA STATA RIPARATA LA LUCE DELLA PIAZZA?", "it"),
        ("L’illuminazione dell’incrocio è spenta da tre giorni e nessuno è venuto", "it"),
        ("There is a huge hole in the road in front of my house, please fix it.", "en"),
        ("Bonjour, il y a un trou dans la rue devant chez nous depuis deux semaines.", "fr"),
        ("Hola, hay un agujero muy grande en la calle y nadie ha venido desde el lunes.", "es"),
        ("Guten Tag, die Straße vor unserem Haus ist seit zwei Wochen kaputt und nicht beleuchtet.", "de"),
        ("Bună ziua, este o groapă mare pe strada mea și nu a venit nimeni să o repare.", "ro"),
        ("Bom dia, há um buraco na rua e não foi reparado, obrigado.", "pt"),
        ("Përshëndetje, ka një gropë të madhe në rrugë dhe nuk është rregulluar.", "sq"),
    ])
    func guesses(_ text: String, _ language: String) {
        #expect(guessLanguage(text, among: Self.all) == language)
        #expect(guessLanguage(text, among: Self.all.filter { $0 != language }) == nil)
    }

    @Test(arguments: [
        "", "buca", "Via Tuscolana 512", "12345", "🕳️🚗🚗", "Колко струва данъкът върху сметта?", "垃圾没有人收", "ok",
        "la casa",
        "\u{0}\u{0}\u{0}", "aaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbb",
    ])
    func isUnsure(_ text: String) { #expect(guessLanguage(text, among: Self.all) == nil) }

    @Test func looksAtTheBeginningOnly() {
        let filler = String(repeating: "xyzzy ", count: 500)
        #expect(guessLanguage(filler + "there is a hole in the road and it is not safe", among: ["en"]) == nil)
        #expect(guessLanguage("there is a hole in the road and it is not safe " + filler, among: ["en"]) == "en")
        let long = String(repeating: "a", count: 5_000_000)
        #expect(guessLanguage(long, among: Self.all) == nil)
    }
}
