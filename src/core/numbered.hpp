// Objects under numbers that come back in answers and may come too late. A number says where its
// object lies, in its lower half, and which of those that lay there it is.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace godwit::core {

// Objects stay where they are until they are closed. Memory once used is kept for later ones.
template <typename T>
class Numbered {
public:
    // A number without an object yet; never 0, and no other's before the number's upper half wraps.
    [[nodiscard]] std::uint64_t open() {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(places_.size()));
            places_.push_back(std::make_unique<Place>());
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        return std::uint64_t{++places_[index]->generation} << 32 | index;
    }

    T& put(std::uint64_t number, T object) {
        Place& place = *places_[index_of(number)];
        assert(place.number == 0);
        place.number = number;
        ++size_;
        return place.object = std::move(object);
    }

    // Null where there is none, not yet or no more.
    [[nodiscard]] T* find(std::uint64_t number) {
        const std::uint32_t index = index_of(number);
        if (index >= places_.size() || places_[index]->number != number) return nullptr;
        return &places_[index]->object;
    }

    // The number is used no more; its object, if there is one, is returned.
    T close(std::uint64_t number) {
        Place& place = *places_[index_of(number)];
        free_.push_back(index_of(number));
        if (std::exchange(place.number, 0) == 0) return {};
        --size_;
        return std::exchange(place.object, {});
    }

    [[nodiscard]] bool empty() const { return size_ == 0; }

    template <typename Visit>
    void for_each(Visit visit) {
        for (const auto& place : places_) {
            if (place->number != 0) visit(place->number, place->object);
        }
    }

private:
    struct Place {
        std::uint64_t number = 0;  // 0: no object
        std::uint32_t generation = 0;
        T object{};
    };

    [[nodiscard]] static std::uint32_t index_of(std::uint64_t number) {
        return static_cast<std::uint32_t>(number);
    }

    std::vector<std::unique_ptr<Place>> places_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

}  // namespace godwit::core
