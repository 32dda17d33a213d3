extension String {
    /// With at most three marks above and below a letter.
    ///
    /// No language has more; and comparing texts brings marks into order, which takes time with the square of how many
    /// stand on one letter: forty kilobytes of them are a minute.
    var withFewMarks: String {
        guard utf8.contains(where: { $0 >= 0xCC }) else { return self }
        var kept = String.UnicodeScalarView()
        var marks = 0
        var isCut = false
        for scalar in unicodeScalars {
            marks = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered ? marks + 1 : 0
            if marks <= 3 { kept.append(scalar) } else { isCut = true }
        }
        return isCut ? String(kept) : self
    }
}
