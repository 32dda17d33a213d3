import CLinear

/// A linear model of which text belongs to which category, learned from precedents.
///
/// Features are grams, weighed by how often they occur in the text and how few precedents have them. Learned by the
/// passive-aggressive algorithm for several classes (Crammer and others, Online Passive-Aggressive Algorithms, JMLR 7,
/// 2006, PA-I), whose weights after each step are averaged. The same precedents always give the same model, in whatever
/// order they come.
final class PrecedentModel: Sendable {
    /// By label; nil is what asks nobody for anything.
    let labels: [String?]
    private let isUrgent: [Bool]
    private let grams: Grams
    private let rarity: [Float]
    /// By gram and label; rows are `stride` long.
    private let weights: [Float]
    private let stride: Int

    /// Passes over the precedents; more learn them by heart.
    private static let passes = 5
    /// The largest step: one wrong precedent does not turn the model over.
    private static let aggressiveness: Float = 1
    /// The commonest that occur at least twice; a city's precedents have some ten thousand.
    private static let mostGrams = 30_000
    /// Categories that a judgement names.
    private static let mostCandidates = 4

    init(_ precedents: [Precedent], urgent: Set<String>) {
        // What is written down twice counts once, and the files' order does not matter.
        let precedents = Set(precedents).sorted { ($0.text, $0.category ?? "") < ($1.text, $1.category ?? "") }
        var numbers: [String?: Int] = [:]
        var labels: [String?] = []
        let truth = precedents.map { precedent in
            if let known = numbers[precedent.category] { return known }
            numbers[precedent.category] = labels.count
            labels.append(precedent.category)
            return labels.count - 1
        }
        let counted = precedents.map { PrecedentModel.count($0.text) }
        var spread: [Grams.Gram: Int] = [:]
        for text in counted { for gram in text.keys { spread[gram, default: 0] += 1 } }
        let kept = spread.filter { $0.value > 1 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(PrecedentModel.mostGrams)
        let grams = Grams(kept.map(\.key))
        let rarity = kept.map { PrecedentModel.logarithm(Float(1 + precedents.count) / Float(1 + $0.value)) }
        let texts = counted.map { counts in
            let known = counts.compactMap { gram, count in grams[gram].map { (number: $0, count: count) } }
            return Features(known.sorted { $0.number < $1.number }, rarity)
        }
        let stride = (labels.count + Int(CLINEAR_LANES) - 1) / Int(CLINEAR_LANES) * Int(CLINEAR_LANES)
        weights = PrecedentModel.learn(
            texts, truth, keys: precedents.map { PrecedentModel.key($0.text) }, labels: labels.count, stride: stride,
            grams: grams.count)
        self.labels = labels
        self.grams = grams
        self.rarity = rarity
        self.stride = stride
        isUrgent = labels.map { $0.map(urgent.contains) ?? false }
    }

    /// What a text is made of: grams and how much each counts, of length 1 altogether.
    private struct Features {
        var numbers: [Int32] = []
        var values: [Float] = []

        init(_ counts: [(number: Int, count: Int)], _ rarity: [Float]) {
            numbers = counts.map { Int32($0.number) }
            values = counts.map { (1 + PrecedentModel.logarithm($0.count)) * rarity[$0.number] }
            let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if length > 0 { values = values.map { $0 / length } }
        }
    }

    private static func count(_ text: String) -> [Grams.Gram: Int] {
        var counts: [Grams.Gram: Int] = [:]
        FoldedText.withFolded(text, .words) { folded in
            Grams.forEach(in: folded) { counts[$0, default: 0] += 1 }
        }
        return counts
    }

    /// Natural, of a number from 1 on, to more digits than a Float has. (No Foundation here.)
    private static func logarithm(_ value: Float) -> Float {
        let x = Double(value)
        let exponent = Double(x.exponent)
        // ln m = 2 artanh((m - 1) / (m + 1)), of which the terms fall by nine at least.
        let t = (x.significand - 1) / (x.significand + 1)
        var term = t
        var sum = 0.0
        for k in 0..<16 {
            sum += term / Double(2 * k + 1)
            term *= t * t
        }
        return Float(exponent * 0.693_147_180_559_945_3 + 2 * sum)
    }

    /// Of small numbers, which are nearly all that a text has.
    private static let logarithms = (0..<64).map { logarithm(Float(max(1, $0))) }

    private static func logarithm(_ count: Int) -> Float {
        count < logarithms.count ? logarithms[count] : logarithm(Float(count))
    }

    /// Weights at work, and what makes of the last ones the average of all that there have been: each change counts for
    /// the steps that come after it.
    private struct Weights {
        var present: [Float]
        /// Changes, each times the number of the step at which it was made.
        var late: [Float]
        var steps: Float = 1

        init(count: Int) {
            present = [Float](repeating: 0, count: count)
            late = present
        }

        mutating func add(_ value: Float, at place: Int) {
            present[place] += value
            late[place] += value * steps
        }

        func averaged() -> [Float] {
            var average = present
            average.withUnsafeMutableBufferPointer { average in
                late.withUnsafeBufferPointer {
                    guard let sum = average.baseAddress, let row = $0.baseAddress else { return }
                    clinear_add(sum, row, -1 / steps, $0.count)
                }
            }
            return average
        }
    }

    private static func learn(
        _ texts: [Features], _ truth: [Int], keys: [UInt64], labels: Int, stride: Int, grams: Int
    ) -> [Float] {
        var weights = Weights(count: grams * stride)
        var scores = [Float](repeating: 0, count: stride)
        for pass in 0..<passes {
            // Each pass in another order, in which a text stands where it stood whatever texts come or go: a precedent
            // more changes little.
            let salted = keys.map { mixed($0 &+ UInt64(pass) &* 0x9E37_79B9_7F4A_7C15) }
            let order = texts.indices.sorted { (salted[$0], truth[$0]) < (salted[$1], truth[$1]) }
            for index in order where !texts[index].numbers.isEmpty {
                learn(texts[index], truth[index], labels, stride, &weights, &scores)
                weights.steps += 1
            }
        }
        return weights.averaged()
    }

    /// Moves the right label up and the strongest wrong one down until they are 1 apart, as far as one step may go.
    private static func learn(
        _ text: Features, _ right: Int, _ labels: Int, _ stride: Int, _ weights: inout Weights, _ scores: inout [Float]
    ) {
        weights.present.withUnsafeBufferPointer { score(text, stride, $0, &scores) }
        let own = scores[right]
        scores[right] = -.infinity
        guard let wrong = (0..<labels).max(by: { scores[$0] < scores[$1] }), wrong != right else { return }
        let loss = 1 - own + scores[wrong]
        guard loss > 0 else { return }
        let step = min(aggressiveness, loss / 2)
        for (number, value) in zip(text.numbers, text.values) {
            weights.add(step * value, at: Int(number) * stride + right)
            weights.add(-step * value, at: Int(number) * stride + wrong)
        }
    }

    /// The same for the same text, on every machine (FNV-1a, mixed).
    private static func key(_ text: String) -> UInt64 {
        mixed(text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private static func score(
        _ text: Features, _ stride: Int, _ weights: UnsafeBufferPointer<Float>, _ scores: inout [Float]
    ) {
        scores.withUnsafeMutableBufferPointer { scores in
            guard let sum = scores.baseAddress, let rows = weights.baseAddress else { return }
            scores.update(repeating: 0)
            func row(_ index: Int) -> UnsafePointer<Float> { rows + Int(text.numbers[index]) * stride }
            for (index, value) in text.values.enumerated() {
                if index + 1 < text.numbers.count { clinear_fetch(row(index + 1), stride) }
                clinear_add(sum, row(index), value, stride)
            }
        }
    }

    // MARK: Judging

    /// - Parameter texts: folded to words.
    /// - Returns: nil if nothing in them was ever seen. Linear in their length.
    func judge(_ texts: [UnsafeBufferPointer<UInt8>]) -> Judgement? {
        let features = features(of: texts)
        guard !features.numbers.isEmpty else { return nil }
        var scores = [Float](repeating: 0, count: stride)
        weights.withUnsafeBufferPointer { PrecedentModel.score(features, stride, $0, &scores) }
        // The highest first, of equals the one that comes first; few are kept, so that sorting all would cost more.
        var best: [Int] = []
        for label in labels.indices {
            let place = best.firstIndex { scores[$0] < scores[label] } ?? best.count
            if place == PrecedentModel.mostCandidates { continue }
            best.insert(label, at: place)
            if best.count > PrecedentModel.mostCandidates { best.removeLast() }
        }
        let urgent = labels.indices.filter { isUrgent[$0] }.max { scores[$0] < scores[$1] }
        func candidate(_ label: Int) -> Judgement.Candidate {
            Judgement.Candidate(category: labels[label], score: scores[label])
        }
        return Judgement(candidates: best.map(candidate), urgent: urgent.map(candidate))
    }

    /// Another one each time the process starts, so that nobody can write a text whose grams collide.
    private static let factor = UInt64.random(in: .min ... .max) | 1

    /// The grams of the texts in the order in which they first occur. Their places in the list stand in a table that grows
    /// with the text: one of all known grams would have to be cleared for each.
    private func features(of texts: [UnsafeBufferPointer<UInt8>]) -> Features {
        let most = min(grams.count, texts.reduce(0) { $0 + $1.count })
        var bits: UInt64 = 6
        while 1 << bits < most * 2 { bits += 1 }
        let size = 1 << Int(bits)
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: size) { places in
            places.initialize(repeating: -1)
            var counts: [(number: Int, count: Int)] = []
            counts.reserveCapacity(most)
            for text in texts {
                Grams.forEach(in: text) { gram in
                    guard let number = grams[gram] else { return }
                    var slot = Int(truncatingIfNeeded: (UInt64(number) &* PrecedentModel.factor) >> (64 - bits))
                    while places[slot] >= 0, counts[Int(places[slot])].number != number {
                        slot = (slot + 1) & (size - 1)
                    }
                    if places[slot] < 0 {
                        places[slot] = Int32(truncatingIfNeeded: counts.count)
                        counts.append((number: number, count: 0))
                    }
                    counts[Int(places[slot])].count += 1
                }
            }
            return Features(counts, rarity)
        }
    }

    /// The words of a text that speak most for one label against another, strongest first.
    func weightiest(
        in text: UnsafeBufferPointer<UInt8>, for label: String?, against other: String?, most: Int
    ) -> [String] {
        guard let right = labels.firstIndex(of: label), let wrong = labels.firstIndex(of: other) else { return [] }
        var words: [(range: Range<Int>, weight: Float)] = []
        var start = 1
        for end in text.indices.dropFirst() where text[end] == 0x20 {
            defer { start = end + 1 }
            guard end > start else { continue }
            var weight: Float = 0
            Grams.forEach(in: UnsafeBufferPointer(rebasing: text[start - 1...end])) { gram in
                guard let number = grams[gram] else { return }
                weight += rarity[number] * (weights[number * stride + right] - weights[number * stride + wrong])
            }
            words.append((start..<end, weight))
        }
        // Small words that weigh a little beside large ones explain nothing.
        let least = max(0, words.lazy.map(\.weight).max() ?? 0) / 4
        let strong = words.lazy.filter { $0.weight > least }.map {
            (word: String(decoding: text[$0.range], as: UTF8.self), weight: $0.weight)
        }
        var strongest: [String] = []
        for (word, _) in strong.sorted(by: { ($1.weight, $0.word) < ($0.weight, $1.word) }) where word != strongest.last
        {
            if strongest.count == most { break }
            strongest.append(word)
        }
        return strongest
    }
}
