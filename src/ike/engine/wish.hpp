// What is wanted of one tunnel: by its configuration, by commands, by packets, and after a loss. Knows neither
// what carries it nor when it is tried.
#pragma once

#include "config/model.hpp"

namespace causeway::ike {

class Wish {
 public:
    explicit Wish(config::StartAction start);

    /// It is to be up, with or without packets for it.
    [[nodiscard]] bool wanted() const { return wanted_; }
    /// By command: packets do not raise it.
    [[nodiscard]] bool held_down() const { return held_down_; }
    /// What a packet for it does while nothing carries it.
    [[nodiscard]] bool raised_by_packets() const;

    /// Another configuration. What was wanted before stays so; a trap policy stays only with the same actions.
    void adopt(const config::Tunnel& before, const config::Tunnel& after);
    void raise_by_command();
    /// True: it was not wanted before.
    bool raise_by_packet();
    /// Its peer has to be called to keep what carries it.
    void raise() { wanted_ = true; }
    void take_down();
    /// Nothing is begun any more.
    void stop();
    /// Nothing carries it any more, and this is what is to be done about that. A trap policy stays until a
    /// command or another configuration removes it.
    void lose(config::LossAction action);
    /// It was lost by our doing: what is wanted after a silence is wanted in addition.
    void bring_back(config::LossAction action);
    /// A negotiation has failed: what is not kept up waits for packets, the peer or a command.
    void attempt_failed() { wanted_ = wanted_ && kept_; }
    /// It has failed too often.
    void give_up();

 private:
    config::StartAction start_;
    bool wanted_ = false;
    bool kept_ = false;     ///< wanted after a failure as before: it is kept up
    bool trapped_ = false;  ///< a packet raises it, since it was lost
    bool held_down_ = false;
};

}  // namespace causeway::ike
