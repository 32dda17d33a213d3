/// Guesses the language of a text from its most frequent short words, or not at all.
///
/// The text is compared with every language known here, and the guess counts only if it is one of those asked for: a
/// French text is not called Italian because nobody asked for French.
/// - Parameter languages: ISO 639-1 codes; known are it, en, fr, es, pt, de, ro, sq.
/// - Returns: nil if the words do not clearly favour one language. Looks at the first 500 words.
public func guessLanguage(_ text: String, among languages: [String]) -> String? {
    var hits = [Int](repeating: 0, count: frequentWords.count)
    forEachShortWord(of: text, limit: 500) { word in
        guard var known = languagesByWord[word] else { return }
        while known != 0 {
            hits[known.trailingZeroBitCount] += 1
            known &= known - 1
        }
    }
    let ranked = hits.indices.sorted { hits[$0] > hits[$1] }
    let (best, second) = (hits[ranked[0]], hits[ranked[1]])
    // Two words more than any other language and half as many again: a name or a borrowed word does not decide.
    guard best >= second + 2, best * 2 >= second * 3 else { return nil }
    let winner = frequentWords[ranked[0]].language
    return languages.contains(winner) ? winner : nil
}

/// A word of at most eight UTF-8 bytes, as a number.
private typealias ShortWord = UInt64

/// In lower case. Words that several languages share count for each of them, and so decide nothing between them.
private let frequentWords: [(language: String, words: String)] = [
    (
        "it",
        """
        il lo la gli le un uno una di del dello della dei degli delle da dal dalla dai dalle in nel nella nei nelle con su
        sul sulla sui sulle per tra fra e ed o ma se che chi cui non più è sono sia ho ha hanno abbiamo mi ti ci si vi ne
        come dove quando perché anche questo questa questi queste quello quella mio mia suo sua loro stato stata essere
        fare molto tutti tutto ancora già dopo prima c è buongiorno salve grazie vorrei qui alla alle al ai agli io
        via piazza strada dell all nell sull po così giorni ore sempre ogni solo senza nostro nostra chiedo
        """
    ),
    (
        "en",
        """
        the a an of to in on at by for from with without and or but if that this these those is are was were be been being
        have has had do does did not no yes i you he she it we they my your his her its our their there here what when
        where why how who which would could should can will may please thank thanks hello since near very all any some
        after before about into out up down than then so as just because street road
        """
    ),
    (
        "fr",
        """
        le la les un une des du de au aux et ou mais si que qui quoi dont où ne pas plus est sont suis été être avoir ai a
        avez ont je tu il elle nous vous ils elles mon ma mes votre vos notre nos son sa ses leur ce cet cette ces dans
        sur sous avec sans pour par entre chez très bien bonjour merci depuis encore aussi rue
        """
    ),
    (
        "es",
        """
        el la los las un una unos unas de del al y o pero si que quien no más es son está están ser estar hay he ha han yo
        tú él ella nosotros ustedes mi mis su sus nuestro este esta estos estas ese esa en con sin por para entre sobre
        desde hasta muy bien cuando donde dónde porque como cómo también hola gracias buenos días calle hace todos
        """
    ),
    (
        "pt",
        """
        o a os as um uma uns umas de do da dos das no na nos nas ao à aos e ou mas se que quem não mais é são está estão
        ser há tem têm eu ele ela nós você vocês meu minha seu sua este esta isso em com sem por para entre sobre desde
        até muito bem quando onde porque como também olá obrigado obrigada bom dia rua foi pelo pela
        """
    ),
    (
        "de",
        """
        der die das den dem des ein eine einen einem einer und oder aber wenn dass ist sind war waren sein haben hat habe
        ich du er sie es wir ihr mein meine ihre unser nicht kein keine mit ohne für von vom zu zum zur bei nach vor aus
        auf in im an am über unter sehr auch noch schon wo wann warum wie was bitte danke hallo guten tag seit straße
        """
    ),
    (
        "ro",
        """
        și si să de la în din pe cu fără pentru prin nu este sunt e era au are am ai a al ale o un unei unui care ce cine
        unde când cum eu tu el ea noi voi ei ele mea meu sa lor acest această aceasta acesta mai foarte bine dar sau dacă
        daca că bună buna ziua mulțumesc multumesc vă va rog strada lângă nostru fost
        """
    ),
    (
        "sq",
        """
        dhe në ne nga për per me pa një nje është eshte janë jane nuk po jo unë une ti ai ajo ne ju ata kam ka kemi kanë
        që qe se si ku kur pse cili kjo ky këto keto shumë shume mirë mire faleminderit përshëndetje rruga rrugë te të
        """
    ),
]

private let languagesByWord: [ShortWord: UInt16] = {
    var masks: [ShortWord: UInt16] = [:]
    for (index, entry) in frequentWords.enumerated() {
        forEachShortWord(of: entry.words, limit: .max) { masks[$0, default: 0] |= 1 << UInt16(index) }
    }
    return masks
}()

/// Words end at anything that is no letter (`dell'acqua` is `dell` and `acqua`), and are put in lower case as far as
/// Latin-1 goes. Words of more than eight bytes are only counted.
private func forEachShortWord(of text: String, limit: Int, _ body: (ShortWord) -> Void) {
    var word: ShortWord = 0
    var length = 0
    var count = 0
    var lead: UInt8 = 0
    func finish() {
        if length > 0 {
            count += 1
            if length <= 8 { body(word) }
        }
        word = 0
        length = 0
    }
    for byte in text.utf8 {
        let isContinuation = (0x80...0xBF).contains(byte)
        if !isContinuation { lead = byte }
        switch byte {
        case 0x61...0x7A: word = word << 8 | ShortWord(byte)
        case 0x41...0x5A: word = word << 8 | ShortWord(byte + 0x20)
        // Typographic apostrophes, dashes and quotation marks begin with E2, emoji with F0.
        case 0x80... where lead != 0xE2 && lead < 0xF0:
            let isCapital = lead == 0xC3 && byte <= 0x9E && byte != 0x97  // À…Þ but ×
            word = word << 8 | ShortWord(isContinuation && isCapital ? byte + 0x20 : byte)
        default:
            finish()
            if count >= limit { return }
            continue
        }
        length += 1
    }
    finish()
}
