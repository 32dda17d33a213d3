/// Letters without case, marks and strokes, one scalar for each of a block of Unicode, from the canonical
/// decompositions of UnicodeData.txt; strokes and hooks that have no decomposition are taken away as well (`ø`, `ł`).
/// A space stands for what is no letter, `_` for a combining mark.
enum FoldTables {
    /// U+00C0...U+024F.
    static let latin =
        "aaaaaaæceeeeiiiidnooooo ouuuuyþßaaaaaaæceeeeiiiidnooooo ouuuuyþyaaaaaaccccccccddddeeeeeeeeeegggg"
        + "gggghhhhiiiiiiiiiiĳĳjjkkĸllllllllllnnnnnnnnnooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
        + "bbbbƅƅɔccddddƍǝəɛffgɣƕɩikklƛɯnnɵooƣƣppʀƨƨʃƪttttuuʊʋyyzzʒƹƹƺƻƽƽƾƿǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuuǝaa"
        + "aaææggggkkooooʒʒjǳǳǳggƕƿnnaaææooaaaaeeeeiiiioooorrrruuuussttȝȝhhndȣȣzzaaeeooooooooyylntjȸȹacclts"
        + "zɂɂbʉʌeejjqqrryy"
    /// U+0370...U+03FF.
    static let greek =
        "ͱͱͳͳʹ ͷͷ  ͺͻͼͽ ϳ      α εηι ο υωιαβγδεζηθικλμνξοπρ στυφχψωιυαεηιυαβγδεζηθικλμνξοπρσστυφχψωιυουωϗ"
        + "βθυυυφπϗϙϙϛϛϝϝϟϟϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯκρσϳθε ϸϸσϻϻϼͻͼͽ"
    /// U+0400...U+052F.
    static let cyrillic =
        "ееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяабвгдежзииклмнопрстуфхцчшщъыьэюяееђгєѕііјљњћкиуџ"
        + "ѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿҁҁ _______ҋҋҍҍҏҏґґғғҕҕҗҗҙҙққҝҝҟҟҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿ"
        + "ӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕееәәәәжжззӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟ"
        + "ԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ"
    /// U+1E00...U+1EFF.
    static let latinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr"
        + "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyasssßẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
        + "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽyy"
    /// U+1F00...U+1FFF.
    static let greekExtended =
        "ααααααααααααααααεεεεεε  εεεεεε  ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοο  οοοοοο  υυυυυυυυ υ υ υ υ"
        + "ωωωωωωωωωωωωωωωωααεεηηιιοουυωω  ααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα ααααααα ι "
        + "  ηηη ηηεεηηη   ιιιι  ιιιιιι    υυυυρρυυυυυυρ     ωωω ωωοοωωω   "

    private static func scalars(_ block: String) -> [UInt32] { block.unicodeScalars.map(\.value) }
    private static let blocks: [(first: UInt32, scalars: [UInt32])] = [
        (0xC0, scalars(latin)), (0x370, scalars(greek)), (0x400, scalars(cyrillic)),
        (0x1E00, scalars(latinAdditional)), (0x1F00, scalars(greekExtended)),
    ]

    /// The entry for a scalar; nil outside the tables.
    static func entry(_ scalar: UInt32) -> UInt32? {
        for block in blocks where scalar >= block.first && scalar - block.first < UInt32(block.scalars.count) {
            return block.scalars[Int(scalar - block.first)]
        }
        return nil
    }

    /// One letter written as several.
    static func expansion(_ scalar: UInt32) -> StaticString? {
        switch scalar {
        case 0xE6: "ae"
        case 0x153: "oe"
        case 0xDF: "ss"
        case 0xFE: "th"
        case 0x133: "ij"
        case 0x1C6, 0x1F3: "dz"
        case 0x1C9: "lj"
        case 0x1CC: "nj"
        case 0xFB00: "ff"
        case 0xFB01: "fi"
        case 0xFB02: "fl"
        case 0xFB03: "ffi"
        case 0xFB04: "ffl"
        case 0xFB05, 0xFB06: "st"
        default: nil
        }
    }
}
