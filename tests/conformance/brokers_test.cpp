// The brokers that every test of this folder runs on.
#include "conformance.hpp"

namespace godwit::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Brokers, Conformance, ::testing::ValuesIn(kBrokers), name_of);
INSTANTIATE_TEST_SUITE_P(Brokers, Contract, ::testing::ValuesIn(kBrokers), name_of);

}  // namespace
}  // namespace godwit::test
