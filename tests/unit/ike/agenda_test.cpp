// Who has something to do: those that are due, and those that were stirred.
#include "ike/engine/agenda.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

namespace causeway::ike {
namespace {

struct Item {
    std::optional<Instant> deadline;
    Scheduled scheduled;
};

constexpr Instant at(int seconds) {
    return Instant{std::chrono::seconds(seconds)};
}

struct Agendas : testing::Test {
    Agenda<Item> agenda;
    Item early{at(3), {}};
    Item late{at(5), {}};

    void settle() {
        agenda.settle([](const Item& item) { return item.deadline; });
    }
    void SetUp() override {
        agenda.stir(early);
        agenda.stir(late);
        settle();
        static_cast<void>(agenda.take(at(0)));
        settle();
    }
};

TEST_F(Agendas, TheNextOneIsTheEarliest) {
    EXPECT_EQ(agenda.next(), at(3));
    early.deadline = at(7);
    EXPECT_EQ(agenda.next(), at(3)) << "nobody has said that it changed";
    agenda.stir(early);
    settle();
    EXPECT_EQ(agenda.next(), at(5));
    late.deadline.reset();
    agenda.stir(late);
    settle();
    EXPECT_EQ(agenda.next(), at(7));
}

TEST_F(Agendas, GivesThoseThatAreDueOrWereStirredOnce) {
    EXPECT_TRUE(agenda.take(at(2)).empty());
    agenda.stir(late);
    agenda.stir(late);
    EXPECT_EQ(agenda.take(at(3)).size(), 2U);
    early.deadline.reset();
    settle();
    EXPECT_TRUE(agenda.take(at(4)).empty());
    EXPECT_EQ(agenda.take(at(5)), std::vector<Item*>{&late});
}

TEST_F(Agendas, ForgetsWhatEnds) {
    agenda.stir(early);
    agenda.forget(early);
    settle();
    EXPECT_EQ(agenda.next(), at(5));
    EXPECT_EQ(agenda.take(at(9)), std::vector<Item*>{&late});
}

}  // namespace
}  // namespace causeway::ike
