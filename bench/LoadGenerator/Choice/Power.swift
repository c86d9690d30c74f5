import Glibc

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The logarithm to base 10.
func decimalLogarithm(_ value: Double) -> Double { log10(value) }
