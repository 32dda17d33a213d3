/// An amount of money as citizens read it.
enum AmountText {
    /// `1.234,50 €`, in English `€1,234.50`.
    static func euros(_ cents: Int64, language: String) -> String {
        let isEnglish = language == "en"
        let rest = cents % 100
        let fraction = rest < 10 ? "0\(rest)" : "\(rest)"
        let digits = Array(String(cents / 100))
        var whole = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { whole += isEnglish ? "," : "." }
            whole.append(digit)
        }
        return isEnglish ? "€\(whole).\(fraction)" : "\(whole),\(fraction) €"
    }
}
