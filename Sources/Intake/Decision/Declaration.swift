import Rules

/// The sender chose the category, and what of the rules' decision gives way to that.
///
/// The rules' category does. So does the office that came with another category: it would answer for that one. How
/// pressing it is, the tags and whom to tell are the rules' all the same.
struct Declaration: Sendable {
    let category: String
    /// The rules would have named another category.
    let overrulesCategory: Bool
    let overrulesOffice: Bool

    init(_ category: String, _ outcome: RuleOutcome) {
        self.category = category
        // In steps: the optimizer of Swift 6.3.1 fails on one expression.
        var isOther = false
        var isOffices = false
        if let ruled = outcome.category {
            isOther = ruled.value != category
            if isOther, let office = outcome.office { isOffices = office.rule == ruled.rule }
        }
        overrulesCategory = isOther
        overrulesOffice = isOffices
    }

    /// Whether a rule's reason still counts.
    func keeps(_ field: DecisionField) -> Bool {
        switch field {
        case .category, .abstain: false
        case .office: !overrulesOffice
        default: true
        }
    }

    /// What the record of the decision says.
    func condition(_ because: [Explanation.Because]) -> String {
        let ruled = because.first { $0.field == .category }.map { overrulesCategory ? $0.rule : nil } ?? nil
        return "declared by the sender" + (ruled.map { "; the rule \($0) would have named another" } ?? "")
    }
}
